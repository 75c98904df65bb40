"""The frame around every page: configuration, menu, and the engine warming up behind it."""

from __future__ import annotations

import os
import threading
import time
from base64 import b64encode
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

import streamlit as st
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.PageConfig_pb2 import PageConfig
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dlcore.settings import SettingError
from pages.parts.cookie import keep_visitor_key
from pages.parts.plain import plain
from pages.parts.store_line import store_line_above

TITLE = "Deep Learning Studio"
ICON = Path(__file__).with_name("icon.svg")
PAGES = {
    "home": ("Start", ":material/home:", "What this is, and networks to start from."),
    "build": ("Build", ":material/tune:", "Choose data, set up a network with sliders, see it drawn."),
    "train": ("Train", ":material/show_chart:", "Watch a network learn, live; stop it; see how good it is."),
    "classify": ("Classify", ":material/image_search:", "Give a picture to a trained network."),
    "text": (
        "Text",
        ":material/text_fields:",
        "Is a sentence positive, and why? How does a network write on?",
    ),
    "generate": (
        "Generate",
        ":material/auto_awesome:",
        "Generative networks: sample pictures, walk through the latent space.",
    ),
}
_inside: ContextVar[bool] = ContextVar("inside", default=False)


def run() -> None:
    """Draw the menu and run the chosen page."""
    _secrets_to_environment()
    _configure()
    pages = [
        st.Page(
            f"pages/{stem}.py",
            title=title,
            icon=icon,
            help=about,
            url_path=None if stem == "home" else stem,
            default=stem == "home",
        )
        for stem, (title, icon, about) in PAGES.items()
    ]
    page = st.navigation(pages, position="top")
    name = TITLE if page.url_path == "" else f"{page.title} · {TITLE}"
    st.set_page_config(page_title=name)
    token = _inside.set(True)
    try:
        with store_line_above():
            page.run()
    except SettingError as error:
        st.error(plain(error), icon=":material/settings:")
    finally:
        _inside.reset(token)
        _warm_up()  # also where the page stops early
        keep_visitor_key()  # after the words: until its part of the browser's code has come, they would wait


def _configure() -> None:
    """Icon and width, before the menu, whose icons would be the page's otherwise, from somebody else's server.

    ``st.set_page_config`` does the same, but imports NumPy and Pillow for a picture as icon: a quarter of
    a second before the first words.
    """
    if context := get_script_run_ctx():
        message = ForwardMsg()
        message.page_config_changed.favicon = (
            f"data:image/svg+xml;base64,{b64encode(ICON.read_bytes()).decode()}"
        )
        message.page_config_changed.layout = PageConfig.WIDE
        context.enqueue(message)


def enter() -> None:
    """Every page calls this first.

    Where the first request after a server start is a deep link, Streamlit runs the page's file alone,
    without app.py, because a folder called ``pages`` lies beside it. Then the page hands over: the
    frame is drawn, and runs the page again inside it.
    """
    if not _inside.get():
        run()
        st.stop()


@lru_cache(maxsize=1)
def words_first() -> None:
    """Once in a process, let what has been drawn get onto the screen before a page imports more.

    The interpreter that imports is also the one that sends the browser the page's words and the code to draw them.
    """
    time.sleep(0.1)


@lru_cache(maxsize=1)
def _secrets_to_environment() -> None:
    """Settings may be in Streamlit's secrets; the engine, another process, only sees variables."""
    os.umask(0o077)  # what the app writes is for this user of the machine alone
    try:
        secrets = dict(st.secrets)
    except FileNotFoundError:
        return
    for name, value in secrets.items():
        if name.startswith("DLCORE_"):
            os.environ.setdefault(name, str(value))


@lru_cache(maxsize=1)
def _warm_up() -> None:
    """Start the engine once the first page has been drawn, so that it does not slow that down."""
    timer = threading.Timer(0.8, _start_engine)
    timer.daemon = True
    timer.start()


def _start_engine() -> None:
    from dlcore.client import client

    client().warm_up()
    client().attend()  # runs may wait from before
