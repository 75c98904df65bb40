"""Build: choose data, set up a network, see at once what it is, and train it."""

from __future__ import annotations

import streamlit as st

from pages.parts.shell import enter, words_first

enter()

controls, result = st.columns([5, 9], gap="medium")
with controls:
    heading, button = st.columns([3, 2], vertical_alignment="bottom")
    heading.title("Build", anchor=False)
    place = st.container()

words_first()  # what takes time to import comes after
import json

from dlcore.architectures import ARCHITECTURES
from dlcore.client import Refused, client
from dlcore.datasets import DATASETS
from dlcore.recipe import Augmentation, Recipe, RecipeError, Training
from dlcore.tasks import TASKS
from pages.parts.build import own_data
from pages.parts.build import recipe_state as state
from pages.parts.build.layer_editor import layer_editor
from pages.parts.build.network_view import data_view, network_view
from pages.parts.drawing import drawing
from pages.parts.form import form
from pages.parts.plain import plain
from pages.parts.visitor import visitor
from pages.parts.widgets import KEEP

who = visitor()
state.from_address(who)

train = button.button("Train", type="primary", icon=":material/play_arrow:", width="stretch", key="train")
with place:
    errors = st.container()
    data_tab, network_tab, training_tab = st.tabs(["1 · Data", "2 · Network", "3 · Training"])

with data_tab:
    name = st.selectbox(
        "Data set",
        [name for name, kind in DATASETS.items() if kind.source != "none"],
        format_func=lambda name: f"{DATASETS[name].title} · {DATASETS[name].modality}",
        key=state.DATASET,
        on_change=state.dataset_changed,
        help="What the network learns from. Type to search: text, series, pairs.",
        **KEEP,
    )
    dataset = DATASETS[name]
    st.caption(dataset.description)
    if dataset.editor:
        before = state.dataset()
        own_data.EDITORS[dataset.editor](f"{state.DATASET}.{name}", who)
        if state.dataset() != before:
            state.data_changed()
    options = {"name": name} | form(dataset, f"{state.DATASET}.{name}")

with network_tab:
    tasks = state.tasks()
    task = st.segmented_control(
        "Task",
        tasks,
        format_func=lambda task: TASKS[task].title,
        required=True,
        key=state.TASK,
        on_change=state.task_changed,
        help=" ".join(TASKS[task].help for task in tasks),
        **KEEP,
    )
    kind = st.segmented_control(
        "Network",
        state.kinds(task),
        format_func=lambda kind: ARCHITECTURES[kind].title,
        required=True,
        key=state.KIND,
        on_change=state.kind_changed,
        **KEEP,
    )
    st.caption(ARCHITECTURES[kind].about())
    if picture := ARCHITECTURES[kind].picture():
        drawing(picture, f"picture.{kind}")
    if ARCHITECTURES[kind].explanation:
        st.caption(ARCHITECTURES[kind].explanation)
    architecture = {"kind": kind}
    if ARCHITECTURES[kind].stacked:
        architecture["layers"] = layer_editor(dataset.model_validate(options).problem)
    family, to_solve = ARCHITECTURES[kind].usual(), TASKS[task].problem(state.dataset())
    for title, fields in family.presets(to_solve).items():
        st.button(
            title,
            key=f"build.preset.{kind}.{title}",
            icon=":material/layers:",
            on_click=state.preset,
            args=(kind, fields),
            help="Set the sliders below to this network.",
        )
    leave_out = ("layers",) if family.stacked else ()
    idle = family.idle(to_solve)
    architecture |= form(
        ARCHITECTURES[kind],
        f"build.{kind}",
        leave_out=(*leave_out, *idle),
        choices=ARCHITECTURES[kind].choices(to_solve),
    )
    if more := ARCHITECTURES[kind].more():
        st.caption(more)

with training_tab:
    training = form(Training, state.TRAINING, leave_out=("augmentation",), columns=2)
    if dataset.augmentable and TASKS[task].augments:
        with st.expander("Augmentation", icon=":material/auto_fix_high:"):
            training["augmentation"] = form(Augmentation, f"{state.TRAINING}.augmentation")

recipe: Recipe | None = None
problem: RecipeError | None = None
try:
    recipe = Recipe.parse({"dataset": options, "architecture": architecture, "training": training})
except RecipeError as error:
    problem = error

with errors:
    if broken := state.broken_link(recipe):
        st.error(f"The link could not be opened: {plain(broken)}", icon=":material/link_off:")
    if problem and dataset.own and st.session_state.get(state.NOT_YOURS):
        st.warning(
            "The data of this link is seen only by who uploaded it. The rest of the recipe is here: "
            "upload data of your own.",
            icon=":material/lock:",
        )
    elif problem:
        for entry in problem.problems:
            words = str(entry)
            if entry.field == "dataset" and dataset.editor:
                source = dataset.model_validate(options)
                nothing, one_class = source.to_do
                if st.session_state.get(f"{state.DATASET}.{name}.report"):
                    continue  # its file was refused, and the editor says why
                if source.missing:  # nothing is wrong: it is the first thing to do
                    st.info(plain(nothing), icon=":material/edit:")
                    continue
                words = f"{one_class}, or choose “{TASKS['generation'].title}” under Network."
            st.error(plain(words), icon=":material/error:")

if recipe:
    st.session_state["build.last"] = recipe
    link = state.to_address(recipe)
    if train:
        try:
            run = client().submit(recipe, who)
        except Refused as refusal:
            errors.warning(plain(refusal), icon=":material/hourglass_top:")
        else:
            st.switch_page("pages/train.py", query_params={"run": run})

with result:
    if recipe:
        network_view(recipe)
        data_view(recipe)
        with st.expander("Link and recipe", icon=":material/link:"):
            st.caption("The address of this page holds every slider and the seed: copy it to share.")
            st.code(f"{(st.context.url or '').split('?')[0]}?recipe={link}", language=None, wrap_lines=True)
            st.caption("The same for the command line: `python -m dlcore train recipe.json`")
            st.code(json.dumps(recipe.model_dump(mode="json"), indent=1), language="json", height=240)
    else:
        st.info(
            "This network cannot be built yet; the message on the left says which part and why.",
            icon=":material/construction:",
        )
