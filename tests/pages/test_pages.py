"""The pages as Streamlit runs them, without a browser and mostly without an engine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from app_page import APP, open_page
from streamlit.testing.v1 import AppTest

from dlcore.recipe import Recipe
from dlcore.runs.states import State
from dlcore.runs.store import open_store


@pytest.mark.parametrize("name", ["home", "build", "train", "classify", "text", "generate"])
def test_every_page_draws(name: str):
    assert open_page(f"pages/{name}.py").title


def test_no_page_loads_a_deep_learning_library_into_the_web_process():
    visit = (
        "import sys; from streamlit.testing.v1 import AppTest\n"
        "from dlcore.client import Client; Client.warm_up = lambda self: None\n"
        f"app = AppTest.from_file({APP!r}, default_timeout=30).run()\n"
        "for name in ('build', 'train', 'classify', 'text', 'generate'):\n"
        "    app.switch_page(f'pages/{name}.py').run()\n"
        "    assert not app.exception, app.exception\n"
        "found = {'tensorflow', 'keras', 'transformers', 'torch', 'jax'} & set(sys.modules)\n"
        "sys.exit(f'loaded: {found}' if found else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", visit], cwd=Path(APP).parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]


def test_a_slider_changes_the_parameters():
    app = open_page("pages/build.py")
    (before,) = [m.value for m in app.metric if m.label == "Parameters"]
    app.slider(key="build.mlp.hidden.0.units").set_value(64).run()
    (after,) = [m.value for m in app.metric if m.label == "Parameters"]
    # 2·32+32 + 32·32+32 → 2·64+64 + 64·32+32: the rest stays
    assert int(after.replace(",", "")) - int(before.replace(",", "")) == 96 + 1024


@pytest.mark.parametrize(
    "recipe",
    [
        {"dataset": "gaussians", "training": {"learning_rate": 0.00123, "seed": 99}},
        {
            "dataset": {"name": "digits", "test_share": 0.3},
            "architecture": {
                "kind": "cnn",
                "blocks": [{"filters": 5, "activation": "gelu"}],
                "dense": [],
                "head": "global average",
                "dropout": 0.4,
            },
            "training": {"augmentation": {"zoom": 0.1}},
        },
        {
            "dataset": "mnist",
            "architecture": {
                "kind": "custom",
                "l2": 0.01,
                "layers": [
                    {"type": "Conv2D", "filters": 7, "strides": 2},
                    {"type": "BatchNormalization"},
                    {"type": "Flatten"},
                    {"type": "Dropout", "rate": 0.4},
                ],
            },
        },
    ],
)
def test_a_link_restores_the_whole_recipe(recipe: dict):
    expected = Recipe.parse(recipe)
    app = open_page("pages/build.py", recipe=expected.link())
    assert app.session_state["build.last"] == expected
    assert Recipe.from_link(app.query_params["recipe"]) == expected


def test_a_wrong_link_is_refused_by_name():
    app = open_page("pages/build.py", recipe="eJyr")
    assert "link" in app.error[0].value


def test_a_recipe_beyond_the_limits_is_refused_and_not_submitted():
    layers = [{"type": "Flatten"}] + [{"type": "Dense", "units": 4096}] * 2
    fits = Recipe.parse({"dataset": "digits", "architecture": {"kind": "custom", "layers": layers}})
    app = open_page("pages/build.py", recipe=fits.link())
    app.selectbox(key="build.add").set_value("Dense").run()
    app.button(key="build.add_button").click().run()
    app.slider(key=f"build.layer.{app.session_state['build.next'] - 1}.units").set_value(4096).run()
    assert "20,000,000 parameters" in app.error[0].value
    app.button(key="train").click().run()
    assert open_store().count() == 0


def test_the_queue_of_a_visitor_is_bounded(monkeypatch: pytest.MonkeyPatch):
    from dlcore.client import Client

    monkeypatch.setenv("DLCORE_MAX_QUEUED", "1")
    monkeypatch.setattr(Client, "_hand_over", lambda self: None)
    app = open_page("pages/build.py")
    app.button(key="train").click().run()
    app.switch_page("pages/build.py").run()
    app.button(key="train").click().run()
    assert "already have 1 unfinished" in app.warning[0].value
    assert open_store().count() == 1


def test_a_network_brings_the_settings_and_the_data_that_suit_it() -> None:
    app = open_page("pages/build.py")
    first = app.session_state["build.last"]
    app.segmented_control(key="build.task").set_value("generation").run()
    app.segmented_control(key="build.kind").set_value("gan").run()
    expected = Recipe.parse({"dataset": "spiral", "architecture": {"kind": "gan"}})
    assert app.session_state["build.last"] == expected
    app.selectbox(key="build.dataset").set_value("ring").run()
    expected = Recipe.parse({"dataset": "ring", "architecture": {"kind": "gan"}})
    assert app.session_state["build.last"] == expected
    app.selectbox(key="build.dataset").set_value("spiral").run()
    app.segmented_control(key="build.task").set_value("classification").run()
    assert app.session_state["build.last"] == first


def test_a_run_of_somebody_else_can_be_watched_but_not_changed():
    store = open_store()
    run = store.create(Recipe.parse({}), "somebody else")
    store.end(run, State.STOPPED, "Stopped.")
    app = open_page("pages/train.py", run=run)
    labels = [button.label for button in app.button]
    assert not {"Resume", "Delete this run"} & set(labels)


def test_a_deleted_run_is_said_to_be_gone():
    app = open_page("pages/train.py", run="nothere")
    assert "There is no run" in app.error[0].value


def test_names_are_text_and_no_markup():
    store = open_store()
    run = store.create(Recipe.parse({}), "me", "# <script>alert(1)</script> :red[x]")
    store.end(run, State.LOST, "gone")
    app = open_page("pages/train.py", run=run)
    shown = [m.value for m in app.subheader if "script" in m.value]
    assert shown
    assert all("<script>" not in value.replace("\\<", "") for value in shown)


# -- what a visitor may not see --------------------------------------------------------------------

UPLOAD = "0123456789abcdef"
OWN = Recipe.parse(
    {
        "dataset": {"name": "upload", "id": UPLOAD, "examples": 40, "classes": ["cat", "dog"]},
        "training": {"epochs": 7},
    }
)


def private_run(owner: str = "somebody else") -> str:
    store = open_store()
    store.claim_upload(UPLOAD, owner)
    run = store.create(OWN, owner, "my own animals")
    result = {"metrics": {"accuracy": 1.0, "loss": 0.1, "precision": 1.0, "recall": 1.0, "f1": 1.0}}
    store.end(run, State.FINISHED, result=result | {"confusion": [[1, 0], [0, 1]], "classes": []})
    store.artifacts.write(f"{run}/model/weights.safetensors", b"")
    return run


def everything(app: AppTest) -> str:
    """All text of a page, with options of choices and rows of tables."""
    tables = " ".join(table.value.to_string() for table in app.dataframe)
    options = " ".join(str(choice.options) for choice in app.selectbox)
    words = [*app.title, *app.subheader, *app.markdown, *app.caption, *app.warning, *app.error, *app.info]
    return " ".join(str(element.value) for element in words) + tables + options


@pytest.mark.parametrize(
    ("page", "query"),
    [("train", {}), ("train", {"run": True}), ("classify", {"model": True}), ("generate", {"model": True})],
)
def test_a_run_on_own_images_is_shown_to_nobody_else(page: str, query: dict):
    run = private_run()
    app = open_page(f"pages/{page}.py", **dict.fromkeys(query, run))
    texts = everything(app)
    assert "my own animals" not in texts
    assert "Share this run" not in [button.label for button in app.button]


def test_a_shared_run_is_shown_and_its_images_do_not_open_for_others():
    run = private_run()
    open_store().share(run, True)
    app = open_page("pages/train.py", run=run)
    assert "my own animals" in everything(app)
    app = open_page("pages/build.py", recipe=OWN.link())
    assert any("seen only by who uploaded it" in warning.value for warning in app.warning)
    assert app.session_state["build.dataset.upload.id"] == ""
    assert app.session_state["build.training.epochs"] == 7  # the rest of the recipe is there
    app.selectbox(key="build.dataset").set_value("moons").run()
    assert app.session_state["build.last"].dataset.name == "moons"


def test_the_owner_opens_the_images_and_trains_on_them(monkeypatch: pytest.MonkeyPatch):
    from dlcore.client import Client, Refused, Visitor, client

    monkeypatch.setattr(Client, "_hand_over", lambda self: None)
    private_run("ada")
    with pytest.raises(Refused, match="belongs to somebody else"):
        client().submit(OWN, Visitor("bob"))
    assert client().submit(OWN, Visitor("ada"))
    assert client().submit(OWN, Visitor("bob", teacher=True))


def test_a_run_is_shared_with_one_click_that_says_what_others_will_see():
    app = AppTest.from_file(APP, default_timeout=30).run()
    from hashlib import sha256

    me = sha256(app.session_state["visitor_key"].encode()).hexdigest()[:32]
    run = private_run(me)
    app.query_params["run"] = run
    app.switch_page("pages/train.py").run()
    (texts,) = [caption.value for caption in app.caption if "Only you see this run" in caption.value]
    assert "some of your pictures" in texts
    app.button(key="share").click().run()
    assert open_store().run(run, "somebody else").shared
    app.button(key="share").click().run()
    assert not open_store().run(run).shared


# -- links to what is not there, or no longer ------------------------------------------------------


def test_a_run_that_another_tab_deleted_is_said_to_be_gone():
    store = open_store()
    run = store.create(Recipe.parse({}), "somebody else")
    store.end(run, State.STOPPED, "Stopped.")
    app = open_page("pages/train.py", run=run)
    store.create(Recipe.parse({}), "somebody else")  # the list of runs is not empty
    store.delete(run)
    app.run()
    assert not app.exception
    assert "There is no run" in app.error[0].value


def test_a_run_whose_files_are_gone_still_shows_its_curve():
    store = open_store()
    run = store.create(Recipe.parse({}), "somebody else")
    store.artifacts.write_json(f"{run}/previews/0001.json", {})
    store.add_metrics(run, "epoch", [(0, 1.0, {"loss": 1.0})])
    store.end(run, State.LOST, "gone")
    app = open_page("pages/train.py", run=run)  # no examples.json beside the preview
    assert any("no longer kept" in caption.value for caption in app.caption)
    store.artifacts.write(f"{run}/previews/0001.json", b"{")
    app.run()
    assert not app.exception


def test_a_run_of_another_version_can_be_opened_and_deleted():
    import sqlalchemy as sa

    from dlcore.runs.store import runs

    store = open_store()
    run = store.create(Recipe.parse({}), "somebody else")
    store.end(run, State.LOST, "gone")
    with store.engine.begin() as db:
        db.execute(sa.update(runs).values(recipe={"dataset": "carrots"}))
    app = open_page("pages/train.py", run=run)
    assert "damaged or of another version" in app.error[0].value


@pytest.mark.parametrize("examples", [0, 1, 2, 19])
def test_a_link_to_uploaded_images_without_enough_of_them_is_refused(examples: int):
    link = OWN.model_copy(update={"dataset": OWN.dataset.model_copy(update={"examples": examples})}).link()
    app = open_page("pages/build.py", recipe=link)
    assert "could not be opened" in app.error[0].value


def test_what_many_watch_is_worked_out_once(monkeypatch: pytest.MonkeyPatch):
    from dlcore.runs.store import Store

    store = open_store()
    run = store.create(Recipe.parse({}), "somebody else")
    store.start(run, "worker")
    store.add_metrics(run, "epoch", [(0, 1.0, {"loss": 1.0})])
    store.progress(run, {})
    read: list[str] = []
    metrics = Store.metrics
    monkeypatch.setattr(Store, "metrics", lambda self, *args: (read.append(args[1]), metrics(self, *args))[1])
    for _ in range(3):
        open_page("pages/train.py", run=run)
    assert sorted(read) == ["batch", "epoch"]
    store.progress(run, {})  # something is new
    open_page("pages/train.py", run=run)
    assert sorted(read) == ["batch", "batch", "epoch", "epoch"]


def test_a_game_whose_files_are_gone_is_said_to_have_none():
    store = open_store()
    run = store.create(Recipe.parse({"dataset": "ring", "architecture": {"kind": "gan"}}), "somebody else")
    store.artifacts.write_json(f"{run}/previews/0001.json", {})
    store.end(run, State.LOST, "gone")
    app = open_page("pages/generate.py", model="gan-digits", show="gan", run=run)
    assert any("no longer kept" in caption.value for caption in app.caption)
