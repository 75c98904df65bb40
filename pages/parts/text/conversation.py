"""A conversation with a network, and the answer that is being written; one for each session."""

from __future__ import annotations

import html
from typing import Any

import streamlit as st

from dlcore.client import client
from pages.parts.waiting import answer

SLICE = 0.15
"""Seconds of writing between two looks at the answer."""
AVATARS = {"user": ":material/person:", "assistant": ":material/smart_toy:"}
State = dict[str, Any]
"""``messages`` so far; while the last one is being answered the ``steps`` of that answer, written after
``prompt``; ``active``; the ``turn`` of the script that writes."""


def conversation(model: str) -> State | None:
    """The one with this network."""
    state: State | None = st.session_state.get("chat")
    return state if state and state["model"] == model else None


def begin(model: str, system: str) -> State:
    """A new one, with a text before it that says how to answer."""
    messages = [{"role": "system", "content": system.strip()}] if system.strip() else []
    state: State = {"model": model, "messages": messages, "read": "", "forgotten": 0, "speed": None}
    end(state)
    st.session_state["chat"] = state
    return state


def say(state: State, message: str) -> None:
    """Have a message answered."""
    state["messages"] = [*state["messages"], {"role": "user", "content": message}]
    answer_next(state)


def answer_next(state: State) -> None:
    """Have the last message answered, by the script that calls :func:`write` next."""
    state |= {"active": True, "turn": None, "prompt": None, "steps": [], "spent": 0.0, "problem": ""}


def questions(state: State) -> int:
    """The number of messages up to the last one of the visitor."""
    roles = [message["role"] for message in state["messages"]]
    return len(roles) - roles[::-1].index("user") if "user" in roles else len(roles)


def end(state: State) -> None:
    """No more is written; what was, stays as the answer."""
    steps = state.get("steps")
    if steps:
        state["messages"] = [*state["messages"], {"role": "assistant", "content": _text(steps)}]
        state["speed"] = (len(steps), state["spent"])
    state |= {"active": False, "turn": None, "prompt": None, "steps": [], "problem": state.get("problem", "")}


def write(state: State, options: dict[str, Any]) -> None:
    """Request slices of the answer until it ends. As in Generation, a click runs the page anew beside this
    script, which then leaves the state alone."""
    turn = state["turn"] = object()
    with st.chat_message("assistant", avatar=AVATARS["assistant"]):
        if not state["prompt"] and not _read(state, options["length"]):
            return
        place = st.empty()
        while state["active"]:
            with place:
                draw_text(_text(state["steps"]) + "▌")
            try:
                written = _slice(state, options)
            except Exception as error:
                written = None
                state["problem"] = f"The answer broke off: {error}"
            if state["turn"] is not turn:
                st.stop()
            if written is not None:
                state["steps"] += written["rows"][0]
                state["spent"] += written["seconds"]
            if written is None or written["ended"][0] or len(state["steps"]) >= options["length"]:
                end(state)
    st.rerun()


def _read(state: State, length: int) -> bool:
    """Have the conversation written as the network reads it; whether that is done."""
    prompt = answer("chat_prompt", model=state["model"], messages=state["messages"], reply=length)
    if prompt is None:
        return False
    if "error" in prompt:
        state["problem"] = prompt["error"]
        end(state)
        st.rerun()
    state |= {"prompt": prompt["tokens"], "read": prompt["text"], "forgotten": prompt["forgotten"]}
    return True


def _slice(state: State, options: dict[str, Any]) -> dict[str, Any]:
    written: dict[str, Any] = (
        client()
        .request(
            "write",
            model=state["model"],
            rows=[[*state["prompt"], *(step["token"] for step in state["steps"])]],
            how=options["how"],
            seed=options["seed"],
            samples=[0],
            tokens=max(1, options["length"] - len(state["steps"])),
            seconds=SLICE,
            stop=[],
            begin=len(state["prompt"]),
        )
        .result(120)
    )
    return written


def _text(steps: list[dict[str, Any]]) -> str:
    return "".join(step["piece"] for step in steps).strip()


def draw_text(text: str) -> None:
    """As it is: what a network writes is no Markdown of ours."""
    st.html(
        '<div style="line-height:1.6;white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:plaintext">'
        f"{html.escape(text)}</div>"
    )
