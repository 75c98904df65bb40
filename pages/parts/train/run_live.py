"""A run while it trains: state and buttons on the left, curves and preview on the right.

Drawn again twice a second. The curves keep their node, and zoom and hover with it; everything is read from the store, so any number of browsers see the same.
"""

from __future__ import annotations

import contextlib
import time
from typing import Literal

import numpy as np
import streamlit as st

from dlcore.architectures import ARCHITECTURES
from dlcore.client import Refused, Visitor, client
from dlcore.runs.failures import FULL_DISK, no_room
from dlcore.runs.states import State
from dlcore.runs.store import Run, UnknownRun
from dlcore.settings import settings
from pages.parts.pace import PACE
from pages.parts.plain import plain
from pages.parts.previews import caption_of, is_square, show_preview, title_of
from pages.parts.train import compared, watched
from pages.parts.train.again import again
from pages.parts.train.run_curves import show_curves
from pages.parts.train.run_wait import duration, until_pause_ends, waits

Colour = Literal["gray", "blue", "yellow", "green", "orange", "red"]
LOOKS: dict[State, tuple[Colour, str]] = {
    State.QUEUED: ("gray", ":material/schedule:"),
    State.RUNNING: ("blue", ":material/play_circle:"),
    State.PAUSED: ("yellow", ":material/pause_circle:"),
    State.FINISHED: ("green", ":material/check_circle:"),
    State.STOPPED: ("orange", ":material/stop_circle:"),
    State.FAILED: ("red", ":material/error:"),
    State.LOST: ("red", ":material/link_off:"),
}
PHASES = {
    "loading data": "Loading the data…",
    "preparing": "TensorFlow is compiling the network…",
    "evaluating": "Evaluating on the test data…",
}


def how_far(run: Run) -> str:
    """The epoch, and of a running training the time left once there is an estimate."""
    words = f"epoch {run.progress['epoch']} of {run.progress['epochs']}"
    left = run.progress["seconds_left"]
    if run.state is not State.RUNNING or left is None:
        return words
    return f"{words} · {duration(left)} left"


def live(run_id: str, who: Visitor, pace: float | None, others: list[str]) -> None:
    """Draw the run as it is now, every ``pace`` seconds, over ``others``; end the polling when all have ended."""
    if pace and PACE.interval(pace) != pace:
        st.rerun()  # many watch, or no longer: the page takes another pace
    with PACE.drawing(who.id):
        _draw(run_id, who, others)


def _draw(run_id: str, who: Visitor, others: list[str]) -> None:
    try:
        run = client().run(run_id, who)
    except UnknownRun:
        st.rerun()  # deleted, or shared no longer: the page says so
    beside = compared.seen(others, who)
    now = [(one.state, bool(one.result)) for one in (run, *beside)]
    key = f"state.{' '.join(one.id for one in (run, *beside))}"
    was = st.session_state.get(key)
    st.session_state[key] = now
    if was is not None and was != now:
        # Not only here: the rest of the page (results, list) depends on the state too.
        st.rerun()

    left, right = st.columns([4, 10], gap="medium")
    with left:
        _status(run)
        _buttons(run, who)
        if not run.state.is_terminal:
            _learning_rate(run, who)
        else:
            again(run, who)
        log = st.toggle(
            "Logarithmic loss",
            key="log_loss",
            persist_state="session",
            help="Equal steps for equal ratios: shows small improvements late in a training.",
        )
    with right:
        if beside:
            compared.overlay([run, *beside], log)
            compared.table([run, *beside])
        else:
            show_curves(run, log)
        _preview(run)


def _status(run: Run) -> None:
    progress = run.progress
    colour, icon = LOOKS[run.state]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(run.name), anchor=False, width="content")
        st.badge(run.state.value, color=colour, icon=icon)
    if run.reason:
        kind = st.error if run.state in (State.FAILED, State.LOST) else st.info
        kind(plain(run.reason))
    if run.state is State.QUEUED:
        waits(run)
        st.skeleton(height=60)
        return
    if words := until_pause_ends(run):
        st.warning(words, icon=":material/hourglass_top:")
    if not run.state.is_terminal and no_room(settings().home):
        st.error(f"{FULL_DISK} Make room: then the run ends and can be resumed from its last checkpoint.")
    if not run.state.is_terminal and progress.get("phase") == "downloading":
        done, total = progress["done"] / 1e6, progress["total"] / 1e6
        st.progress(done / total, f"Downloading the data: {done:.0f} of {total:.0f} MB")
        return
    if not run.state.is_terminal and (phase := PHASES.get(progress.get("phase", ""), "")):
        st.caption(phase)
    if "batch" not in progress:
        return
    share = (progress["epoch"] - 1 + progress["batch"] / progress["batches"]) / progress["epochs"]
    words = how_far(run)
    if run.state.is_terminal:
        words += f" · took {duration(run.seconds)}"
    st.progress(1.0 if run.state is State.FINISHED else min(share, 1.0), words)
    rows = [
        ("Batch", f"{progress['batch']:,} of {progress['batches']:,}"),
        ("Speed", f"{progress['examples_per_second']:,} examples a second"),
        ("Learning rate", f"{progress['learning_rate']:.3g}"),
        ("Best epoch", f"{progress['best_epoch'] or '…'} (lowest validation loss)"),
        ("Device", progress["device"]),
    ]
    if not ARCHITECTURES[run.recipe["architecture"]["kind"]].has_best_epoch:
        del rows[3]
    st.html(
        '<table style="width:100%;font-size:.9rem;border-spacing:0 2px">'
        + "".join(f"<tr><td style='opacity:.7;padding-right:1em'>{k}</td><td>{v}</td></tr>" for k, v in rows)
        + "</table>"
    )


def _buttons(run: Run, who: Visitor) -> None:
    mine = who.may_change(run)
    here = client()
    if not mine and not run.state.is_terminal:
        st.caption("This run belongs to somebody else: you can watch it.")
        return
    with st.container(horizontal=True):
        if not run.state.is_terminal:
            control = here.store.control(run.id)
            if st.button(
                "Stopping…" if control.stop else "Stop",
                type="primary",
                icon=":material/stop:",
                disabled=control.stop,
                key="stop",
                help="End here and keep the network as it is now.",
            ):
                here.stop(run.id, who)
                # It mostly takes a moment: showing the end at once beats waiting for the next tick.
                ended = here.wait_for_end(run.id, 0.6)
                st.rerun(scope="app" if ended else "fragment")
            if run.state is not State.QUEUED and st.button(
                "Go on" if control.pause else "Pause",
                key="pause",
                icon=":material/play_arrow:" if control.pause else ":material/pause:",
            ):
                here.control(run.id, who, pause=not control.pause, advance=None)
                st.rerun(scope="fragment")
            if control.pause:
                for step, icon in (("batch", ":material/skip_next:"), ("epoch", ":material/fast_forward:")):
                    if st.button(f"One {step}", icon=icon, key=f"one.{step}"):
                        here.control(run.id, who, advance=step)
        elif (
            run.state.can_resume
            and mine
            and st.button("Resume", type="primary", icon=":material/resume:", key="resume")
        ):
            try:
                here.resume(run.id, who)
            except Refused as refusal:
                st.warning(str(refusal), icon=":material/hourglass_top:")
            else:
                st.rerun()
        st.page_link(
            "pages/build.py",
            label="Change and train again" if run.state.is_terminal else "Recipe",
            icon=":material/tune:",
            query_params={"recipe": run.parsed().link()},
        )


def _learning_rate(run: Run, who: Visitor) -> None:
    if not who.may_change(run) or "learning_rate" not in run.progress:
        return
    with st.popover("Change the learning rate", icon=":material/speed:"):
        steps = [float(f"{d}e{p}") for p in range(-5, 0) for d in (1, 2, 5)] + [1.0]
        now = run.progress["learning_rate"]
        nearest = min(steps, key=lambda step: abs(np.log(step / max(now, 1e-9))))
        # There it stays, whatever a schedule does meanwhile. As the slider's value in the session the browser would
        # miss it: a popover is drawn there when it is opened, long after the value was sent.
        first = st.session_state.setdefault(f"rate.first.{run.id}", nearest)
        value = st.select_slider(
            "Learning rate", steps, first, key=f"rate.{run.id}", format_func=lambda v: f"{v:g}"
        )
        if st.button("Set it", key="set_rate"):
            client().control(run.id, who, learning_rate=value)
            st.toast(f"Learning rate {value:g} from the next batch on.", icon=":material/speed:")


def _preview(run: Run) -> None:
    """What the network has learned after an epoch."""
    kept = watched.epochs_kept(run)
    if not kept:
        if not run.state.is_terminal:
            st.skeleton(height=200)
        return
    recipe = run.parsed()
    square, title = False, recipe.task.preview_title
    with contextlib.suppress(OSError, ValueError):
        newest = watched.preview(run, kept[-1])[0]
        square, title = is_square(newest), title_of(recipe, newest)
    drawing, words = st.columns([5, 6], gap="medium") if square else (st.empty(), st.container())
    with words:
        st.markdown(f"**{title}**")
        epoch = _epoch_shown(run, kept)
    try:
        preview, _ = watched.preview(run, epoch)
    except (OSError, ValueError):
        words.caption("What it had learned after this epoch is no longer kept, or damaged.")
        return
    with drawing if square else words:
        show_preview(run, recipe, preview, epoch)
    if caption := caption_of(preview):
        words.caption(caption)


def _epoch_shown(run: Run, kept: list[int]) -> int:
    """The newest, or the one that a visitor looks back at.

    While it follows there is no slider: a browser sends a slider's value back with every tick, and where
    the page has set a newer one meanwhile, the old one counts as a visitor's move.
    """
    key = f"preview.{run.id}"
    following = not run.state.is_terminal and st.toggle(
        "Follow the training",
        True,
        key=f"{key}.follow",
        disabled=len(kept) < 2,
        help="Off: look back through the epochs.",
    )
    if following:
        st.session_state.pop(key, None)
        st.caption(f"After epoch {kept[-1]}")
    if following or run.state.is_terminal:
        st.session_state.pop(f"{key}.kept", None)
    if following or len(kept) < 2:
        return kept[-1]
    # Epochs that come meanwhile would move the slider under the visitor's hand.
    kept = st.session_state.setdefault(f"{key}.kept", kept)
    if st.session_state.get(key) not in kept:
        st.session_state[key] = kept[-1]
    chosen: int = st.select_slider("After epoch", kept, key=key)
    return chosen


def ago(seconds: float) -> str:
    """How long ago a moment was, in one unit."""
    past = time.time() - seconds
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if past >= size:
            return f"{past / size:.0f} {unit} ago"
    return "just now"
