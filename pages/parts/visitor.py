"""Who is looking: the browser's visitor, and the teacher's password."""

from __future__ import annotations

import hashlib

import streamlit as st

from dlcore.client import Visitor
from dlcore.settings import settings
from dlcore.teacher import DOOR
from pages.parts.cookie import visitor_key
from pages.parts.plain import plain


def visitor() -> Visitor:
    """The browser's visitor. Only a hash of the cookie is stored with runs, never the cookie."""
    owner = hashlib.sha256(visitor_key().encode()).hexdigest()[:32]
    return Visitor(owner, bool(st.session_state.get("teacher")))


def teacher_door() -> None:
    """A field for the teacher's password, where one has been set."""
    if not settings().teacher_password or st.session_state.get("teacher"):
        return
    with (
        st.popover("Teacher", icon=":material/school:"),
        st.form("teacher", border=False, clear_on_submit=True),
    ):
        given = st.text_input("Password", type="password", key="teacher_password")
        if not st.form_submit_button("Enter") or not given:
            return
        problem = DOOR.open(given)
        if problem:
            st.error(plain(problem), icon=":material/lock:")
        else:
            st.session_state.teacher = True
            st.rerun()
