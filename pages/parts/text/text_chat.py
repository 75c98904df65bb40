"""Chat: a conversation with a small network that was trained on conversations."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dlcore.language.sampling import Sampling
from dlcore.settings import settings
from pages.parts.form import fill, form
from pages.parts.plain import plain
from pages.parts.text.chat_tasks import TASKS
from pages.parts.text.conversation import (
    AVATARS,
    State,
    answer_next,
    begin,
    conversation,
    draw_text,
    end,
    questions,
    say,
    write,
)
from pages.parts.text.text_model import choose_model
from pages.parts.text.writing import action, length_field
from pages.parts.widgets import KEEP, seed_field

USUAL = Sampling(temperature=0.2, top_p=0.9)
"""As SmolLM2's makers advise: a small network at a high temperature talks nonsense."""
WARNING = "A small network: it makes things up, also names, numbers and translations. Check what it says."
EXAMPLE = (
    "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"
    "<|im_start|>user\nWhat is a neural network?<|im_end|>\n"
    "<|im_start|>assistant\n"
)


def show() -> None:
    left, right = st.columns([4, 9], gap="large")
    with left:
        model = choose_model("chat")
        if model is None:
            with right:
                _without_network()
            return
        if conversation(model) is None:
            st.session_state["chat.do"] = "ask"  # the page begins with an answer
        options = _controls(model)
    with right:
        st.caption(WARNING)
        talk = st.container()
        state: State = st.session_state["chat"]
        more = st.chat_input(
            "Go on with the conversation",
            key="chat.more",
            max_chars=settings().max_characters,
            disabled=state["active"],
        )
        if more:
            say(state, more)
            st.rerun()
        with talk:
            _draw(state)
            if state["active"]:
                write(state, options)
            _about(state)


def _without_network() -> None:
    st.markdown(
        "A network that chats is one that continues texts. It was trained further on conversations, each written "
        "as **one text with marks**, and its answer is what it writes after the last mark:"
    )
    st.code(EXAMPLE, language=None)
    st.caption(
        "None ships with the Studio, because even a small one is large. Download one on the left, once."
    )


# -- what to ask ----------------------------------------------------------------------------------


def _controls(model: str) -> dict[str, Any]:
    """The task with its fields, the buttons and the options; the values of the options."""
    task = TASKS[st.selectbox("Task", list(TASKS), key="chat.task", **KEEP)]
    values = {}
    for field in task.fields:
        key = f"chat.{task.title}.{field.label}"
        st.session_state.setdefault(key, field.example)
        most = settings().max_characters
        if field.lines > 1:
            height = 26 * field.lines + 20
            text = st.text_area(field.label, key=key, height=height, max_chars=most, **KEEP)
        else:
            text = st.text_input(field.label, key=key, max_chars=most, **KEEP)
        values[field.label.lower()] = text.strip()
    buttons = st.container(horizontal=True)
    with st.expander("More"):
        system = st.text_area(
            "System text",
            key="chat.system",
            height=80,
            max_chars=settings().max_characters,
            placeholder=task.system or "Empty: the network's own",
            help="Stands before the conversation and says how to answer.",
            **KEEP,
        )
        length = length_field("chat.length", "Tokens an answer has at most", 20, 600, 200, 10)
        seed = seed_field("chat.seed", "The same seed gives the same answer.", 1)
        if "chat.sampling.temperature" not in st.session_state:
            fill("chat.sampling", USUAL)
        how = form(Sampling, "chat.sampling")
    with buttons:
        _buttons(model, task.message.format(**values) if all(values.values()) else "", system or task.system)
    return {"length": length, "seed": seed, "how": how}


def _buttons(model: str, message: str, system: str) -> None:
    do, state = st.session_state.pop("chat.do", ""), conversation(model)
    if (do == "ask" and message) or state is None:
        state = begin(model, system)
        if message:
            say(state, message)
    elif do == "another":
        state["messages"] = state["messages"][: questions(state)]
        answer_next(state)
    elif do == "stop":
        end(state)

    busy = state["active"]
    about = "Begins a new conversation."
    action("Ask", "send", "chat", "ask", type="primary", key="chat.ask", disabled=busy, help=about)
    action("Stop", "stop", "chat", "stop", key="chat.stop", disabled=not busy)
    nothing, about = not state["messages"], "Another answer to the last message, with another seed."
    action(
        "Another",
        "casino",
        "chat",
        "another",
        again=True,
        key="chat.another",
        disabled=busy or nothing,
        help=about,
    )
    if not message:
        st.caption("Fill in every field first.")


# -- what is answered -----------------------------------------------------------------------------


def _draw(state: State) -> None:
    for message in state["messages"]:
        if message["role"] != "system":
            with st.chat_message(message["role"], avatar=AVATARS[message["role"]]):
                draw_text(message["content"])
    if state["problem"]:
        st.error(plain(state["problem"]), icon=":material/error:")


def _about(state: State) -> None:
    """How fast it was, what it did not read, and what it did."""
    words = []
    if state["speed"]:
        tokens, seconds = state["speed"]
        words.append(f"{tokens} tokens written")
        if seconds > 0.3:  # less says nothing
            words.append(f"{tokens / seconds:.0f} tokens a second")
    if state["forgotten"]:
        words.append(f"the first {state['forgotten']} messages do not fit any more and are not read")
    if words:
        st.caption(" · ".join(words))
    if state["read"]:
        with st.expander("What the network reads", icon=":material/subject:"):
            st.code(state["read"], language=None, wrap_lines=True)
