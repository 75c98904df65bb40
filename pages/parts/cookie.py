"""The random name by which a browser is known again: kept in a cookie, and in the session until then."""

from __future__ import annotations

import uuid

import streamlit as st

COOKIE = "studio_visitor"


def visitor_key() -> str:
    """The browser's own secret name. Never store it: who knows it is that visitor."""
    if "visitor_key" not in st.session_state:
        cookie = st.context.cookies.get(COOKIE)
        kept = cookie if isinstance(cookie, str) else ""  # Streamlit's AppTest has a mock there
        st.session_state.visitor_new = not kept
        st.session_state.visitor_key = kept or uuid.uuid4().hex
    key: str = st.session_state.visitor_key
    return key


def keep_visitor_key() -> None:
    """Have a new browser keep its name: a WebSocket cannot set cookies, so the page does."""
    key = visitor_key()
    if st.session_state.visitor_new:
        st.html(
            f"<script>document.cookie='{COOKIE}={key};path=/;max-age=31536000;SameSite=Lax'</script>",
            unsafe_allow_javascript=True,
        )
