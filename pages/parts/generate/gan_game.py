"""A game of two networks in the plane under way: its state, its controls, the plane, words and curves."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from dlcore.architectures.gan import GAN
from dlcore.charts import curves
from dlcore.charts.gan_stage import stage
from dlcore.client import Visitor, client
from dlcore.generative.gan_words import how_it_stands, what_happened
from dlcore.runs.states import State
from dlcore.runs.store import Run
from pages.parts.generate.gan_canvas import gan_canvas
from pages.parts.plain import plain
from pages.parts.train import watched
from pages.parts.train.live_chart import live_chart
from pages.parts.train.run_curves import CHARTS
from pages.parts.train.run_live import LOOKS, how_far
from pages.parts.train.run_wait import until_pause_ends, waits
from pages.parts.train.watched import epochs_kept

LEARNERS = {"both": "Both", "discriminator": "Discriminator", "generator": "Generator"}
AXES = (25, 50, 100, 200, 400)
"""Epochs that a curve's axis may end at: it grows with the game, but not at every tick."""


def status(run: Run) -> None:
    colour, icon = LOOKS[run.state]
    progress = run.progress
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(run.state.value, color=colour, icon=icon)
        if "epoch" in progress and "batch" in progress:
            st.markdown(how_far(run), width="content")
        st.page_link(
            "pages/train.py", label="Train page", icon=":material/show_chart:", query_params={"run": run.id}
        )
    if run.reason:
        kind = st.error if run.state in (State.FAILED, State.LOST) else st.caption
        kind(plain(run.reason))
    elif run.state is State.QUEUED:
        waits(run)
    elif words := until_pause_ends(run):
        st.warning(words, icon=":material/hourglass_top:")
    elif not run.state.is_terminal and "batch" not in progress:
        st.caption("TensorFlow is compiling both networks (a few seconds)…")


def controls(run: Run, who: Visitor) -> None:
    """Stop, pause, one batch, and who learns."""
    if not who.may_change(run):
        st.caption("This game belongs to somebody else: you can watch it.")
        return
    here = client()
    control = here.store.control(run.id)

    def stop() -> None:
        here.stop(run.id, who)
        here.wait_for_end(run.id, 0.6)

    with st.container(horizontal=True):
        st.button(
            "Stopping…" if control.stop else "Stop",
            type="primary",
            icon=":material/stop:",
            disabled=control.stop,
            key="generate.gan.stop",
            on_click=stop,
            help="End here and keep both networks as they are.",
        )
        if run.state is State.QUEUED:
            return
        st.button(
            "Go on" if control.pause else "Pause",
            key="generate.gan.pause",
            on_click=here.control,
            icon=":material/play_arrow:" if control.pause else ":material/pause:",
            args=(run.id, who),
            kwargs={"pause": not control.pause, "advance": None},
        )
        st.button(
            "One batch",
            icon=":material/skip_next:",
            key="generate.gan.step",
            help="Slow motion: each player learns from one batch, and you read what it changed.",
            on_click=here.control,
            args=(run.id, who),
            kwargs={"pause": True, "advance": "batch" if control.pause else None},
        )
    key = f"generate.gan.learner.{run.id}"
    st.session_state.setdefault(key, control.learner or "both")

    def chosen() -> None:
        here.control(run.id, who, learner=st.session_state[key])

    st.segmented_control(
        "Who learns",
        list(LEARNERS),
        format_func=LEARNERS.__getitem__,
        required=True,
        key=key,
        on_change=chosen,
        help="Freeze one player: the other then trains against fixed weights.",
    )


def watch(run: Run) -> None:
    """The plane as it is now, what happens in words, and the curves."""
    place, beside = st.columns([6, 5], gap="medium")
    with beside:
        words = st.container()
        _curves(run)
    kept = epochs_kept(run)
    snapshot = _snapshot(run)
    with place:
        if not kept and not snapshot:
            _before_the_first(run)
            return
        try:
            if snapshot:
                preview, moment = snapshot, f"batch {snapshot['batch']}"
                examples = watched.examples(run)
            else:
                epoch = _chosen_epoch(run, kept)
                (preview, examples), moment = watched.preview(run, epoch), f"epoch {epoch}"
        except (OSError, ValueError):
            st.caption("What the two players generated is no longer kept, or damaged.")
            return
        gan_canvas(
            stage(preview, examples["x"]),
            "generate.gan.canvas",
            run=run.id,
            moment=moment,
            alt=f"Real and generated points and the discriminator's surface after {moment}",
        )
    with words:
        _words(run, snapshot)


def _before_the_first(run: Run) -> None:
    dataset = run.parsed().dataset
    real = dataset.draw(300, np.random.default_rng(1)).x.tolist()
    gan_canvas(stage(None, real), "generate.gan.canvas", run=run.id, moment="0", alt="Real points")


def _snapshot(run: Run) -> dict[str, Any] | None:
    """What a training that is held has left to look at."""
    name = f"{run.id}/snapshot.json"
    artifacts = client().store.artifacts
    if run.state is not State.PAUSED or not artifacts.exists(name):
        return None
    snapshot: dict[str, Any] = artifacts.read_json(name)
    return snapshot


def _chosen_epoch(run: Run, kept: list[int]) -> int:
    """The newest, or after the end the one that a slider has."""
    if not run.state.is_terminal or len(kept) < 2:
        return kept[-1]
    key = f"generate.gan.epoch.{run.id}"
    if st.session_state.get(key) not in kept:
        st.session_state[key] = kept[-1]
    chosen: int = st.select_slider("After epoch", kept, key=key, help="Move back through the game.")
    return chosen


def _words(run: Run, snapshot: dict[str, Any] | None) -> None:
    """What one batch did, while the game is held; else who is ahead."""
    if snapshot:
        changes: dict[int, str] = st.session_state.setdefault(f"generate.gan.changes.{run.id}", {})
        if happened := what_happened(snapshot):
            changes[snapshot["batch"]] = happened
        st.markdown(f"**After {snapshot['batch']:,} batches**")
        if happened:
            st.markdown(happened)
        else:
            st.markdown("Press **One batch**: each player learns once, and here you read what it did.")
        for batch in sorted(changes, reverse=True)[:3]:
            if batch != snapshot["batch"]:
                st.caption(f"After {batch:,}: {changes[batch]}")
        return
    rows = client().store.metrics(run.id, "epoch", 1)
    if rows and "real_accuracy" in rows[-1]:
        st.markdown(how_it_stands(rows[-1]["real_accuracy"], rows[-1]["fake_accuracy"]))


def _curves(run: Run) -> None:
    """Both losses, and what the discriminator gets right, over an axis that grows with the game."""
    epochs, batches, events = watched.measured(run)
    # Words would be higher than these small charts.
    measured = (epochs, batches, [(at, "") for at, _ in events])
    done = epochs[-1]["epoch"] if epochs else 0
    total = run.recipe["training"]["epochs"]
    total = next((size for size in AXES if done < size < total), total)
    for metrics in GAN.curves:
        title, about = CHARTS[metrics]
        percent = metrics[0].endswith("accuracy")
        st.markdown(f"**{title}**", help=about)
        chart = curves.together(measured, metrics, total, percent=percent, validation=False)
        live_chart(
            chart | {"height": 165},
            f"generate.gan.curve.{metrics[0]}.{run.id}",
            f"{title} over {done:.0f} epochs",
        )
