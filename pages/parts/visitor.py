"""Who is looking: a random name that the browser keeps in a cookie, and the teacher's password."""

from __future__ import annotations

import hashlib
import hmac
import uuid

import streamlit as st

from dlcore.client import Visitor
from dlcore.settings import settings

COOKIE = "studio_visitor"


def visitor() -> Visitor:
    """The browser's visitor. Only a hash of the cookie is stored with runs, never the cookie."""
    if "visitor_key" not in st.session_state:
        found = st.context.cookies.get(COOKIE)
        kept = found if isinstance(found, str) else ""  # Streamlit's AppTest has a mock there
        st.session_state.visitor_new = not kept
        st.session_state.visitor_key = kept or uuid.uuid4().hex
    key: str = st.session_state.visitor_key
    if st.session_state.visitor_new:
        # Set from the page: a WebSocket cannot set cookies. It counts from the next visit on.
        st.html(
            f"<script>document.cookie='{COOKIE}={key};path=/;max-age=31536000;SameSite=Lax'</script>",
            unsafe_allow_javascript=True,
        )
    return Visitor(hashlib.sha256(key.encode()).hexdigest()[:32], bool(st.session_state.get("teacher")))


def teacher_door() -> None:
    """A field for the teacher's password, where one has been set."""
    expected = settings().teacher_password
    if not expected or st.session_state.get("teacher"):
        return
    with st.popover("Teacher", icon=":material/school:"):
        given = st.text_input("Password", type="password", key="teacher_password")
        if given and hmac.compare_digest(given.encode(), expected.encode()):
            st.session_state.teacher = True
            st.rerun()
        elif given:
            st.error("That is not the teacher's password.", icon=":material/lock:")
