"""One browser session without a browser: Streamlit's protocol over its websocket, with fragments that poll."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

IDS = re.compile(rb"\$\$ID-[0-9a-f]{32}-([\x20-\x7e]+?)(?=[^\x20-\x7e])")

EVENTS = "$$STREAMLIT_INTERNAL_KEY_{}__events"
"""The widget through which a component says what was done to it."""


class Session:
    """A visitor at one page. ``polls`` are the seconds each fragment took that runs by itself."""

    def __init__(self, address: str, path: str, query: str = ""):
        self.address, self.path, self.query = address, path, query
        self.ids: dict[str, str] = {}
        self.errors: list[str] = []
        self.polls: list[float] = []
        self._widgets: dict[str, WidgetState] = {}
        self._page = ""
        self._done = asyncio.Event()
        self._fragments: dict[str, asyncio.Task[None]] = {}
        self._asked: dict[str, float] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self, cookie: str) -> float:
        """Connect and wait for the page; the seconds it took."""
        request = HTTPRequest(
            f"{self.address.replace('http', 'ws', 1)}/_stcore/stream",
            headers={"Cookie": f"studio_visitor={cookie}", "Origin": self.address},
            connect_timeout=60,
            request_timeout=60,
        )
        self._socket: WebSocketClientConnection = await websocket_connect(
            request, subprotocols=["streamlit"], max_message_size=2**27
        )
        self._tasks.append(asyncio.create_task(self._listen()))
        return await self.rerun()

    async def rerun(self, timeout: float = 120, **widgets: tuple[str, Any]) -> float:
        """Run the page with changed widgets, ``key=(field of WidgetState, value)``; the seconds to its end."""
        triggers = []
        for key, (field, value) in widgets.items():
            events = field == "json_trigger_value"  # of a component of ours
            state = WidgetState(id=EVENTS.format(self.ids[key]) if events else self.ids[key])
            if field == "double_array_value":
                state.double_array_value.data.append(value)
            else:
                setattr(state, field, value)
            self._widgets[key] = state
            if field in ("trigger_value", "json_trigger_value"):
                triggers.append(key)
        self._done.clear()
        began = time.perf_counter()
        await self._send()
        for key in triggers:
            del self._widgets[key]
        await asyncio.wait_for(self._done.wait(), timeout)
        return time.perf_counter() - began

    def keys(self, beginning: str) -> list[str]:
        """The keys of the widgets on the page that begin so. Raises KeyError if there is none."""
        if found := [name for name in self.ids if name.startswith(beginning)]:
            return found
        raise KeyError(f"no widget {beginning}")

    def close(self) -> None:
        for task in (*self._tasks, *self._fragments.values()):
            task.cancel()
        self._socket.close()

    async def _send(self, fragment: str = "") -> None:
        message = BackMsg()
        state = message.rerun_script
        state.query_string = self.query
        state.page_script_hash = self._page
        state.page_name = "" if self._page else self.path
        state.widget_states.widgets.extend(self._widgets.values())
        state.fragment_id = fragment
        state.is_auto_rerun = bool(fragment)
        state.context_info.url = f"{self.address}/{self.path}"
        await self._socket.write_message(message.SerializeToString(), binary=True)

    async def _listen(self) -> None:
        while (data := await self._socket.read_message()) is not None:
            assert isinstance(data, bytes)
            for match in IDS.finditer(data):
                key = match[1].decode()
                self.ids[key] = match[0].decode()
            self._take(ForwardMsg.FromString(data))

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            if not message.metadata.run.fragment_ids:
                self._stop_polling()
        elif kind == "navigation":
            self._page = message.navigation.page_script_hash
        elif kind == "auto_rerun":
            again = message.auto_rerun
            if again.fragment_id not in self._fragments:
                task = asyncio.create_task(self._poll(again.fragment_id, again.interval))
                self._fragments[again.fragment_id] = task
        elif kind == "delta":
            element = message.delta.new_element
            if element.WhichOneof("type") == "exception":
                self.errors.append(element.exception.message)
            elif element.WhichOneof("type") == "alert" and "could not answer" in element.alert.body:
                self.errors.append(element.alert.body)
        elif kind == "script_finished":
            if message.script_finished == ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY:
                now = time.perf_counter()
                self.polls += [now - began for began in self._asked.values()]
                self._asked.clear()
            elif message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                self._done.set()

    def _stop_polling(self) -> None:
        for task in self._fragments.values():
            task.cancel()
        self._fragments.clear()
        self._asked.clear()

    async def _poll(self, fragment: str, interval: float) -> None:
        """As a browser does: at every interval, whether the last answer has come or not."""
        with contextlib.suppress(asyncio.CancelledError):
            while True:
                await asyncio.sleep(interval)
                self._asked.setdefault(fragment, time.perf_counter())
                await self._send(fragment)
