"""Tables and series of one's own on the Build page: uploaded, looked at, changed, deleted."""

from __future__ import annotations

import io
from functools import partial
from typing import Any

import pytest
from app_page import built, open_page
from PIL import Image
from streamlit.testing.v1 import AppTest

from dlcore.client import Client
from dlcore.recipe import Recipe
from dlcore.runs.store import open_store

TABLE = "size;colour;price\n" + "\n".join(
    f"{i % 7},5;{('red', 'green')[i % 2]};{1000 + i if i != 4 else 'n/a'}" for i in range(60)
)
SERIES = "when,level\n" + "\n".join(f"2020-01-{1 + i // 24:02} {i % 24:02}:00,{i % 12}" for i in range(200))


build = partial(open_page, "pages/build.py")


def upload(name: str, text: str | bytes) -> AppTest:
    app = build(data=name)
    data = text.encode() if isinstance(text, str) else text
    app.file_uploader[0].upload("mine.csv", data, "text/csv").run()
    assert not app.exception, app.exception
    return app


def chosen(app: AppTest, word: str) -> Any:
    return next(w for w in (*app.selectbox, *app.segmented_control, *app.toggle) if word in (w.label, w.key))


def test_a_table_is_uploaded_and_another_column_is_predicted():
    app = upload("own_table", TABLE)
    assert "Predicts “price” (a number) from 2 columns, 59 rows" in app.success[0].value
    assert "Left out: 1 row without “price”." in app.info[0].value
    assert built(app).task.name == "regression" and built(app).architecture.kind == "mlp"
    chosen(app, "Predict").set_value("colour").run()
    assert "2 classes: green, red" in app.success[0].value
    assert built(app).task.name == "classification"
    chosen(app, "As").set_value("a number").run()
    assert (
        "holds texts such as “red”" in app.error[0].value and "cannot be used as it is" in app.info[0].value
    )
    chosen(app, "As").set_value("classes").run()
    chosen(app, "The first line names the columns").set_value(False).run()
    assert not app.exception and built(app).dataset.header is False
    assert "61 rows, 3 columns" in " ".join(caption.value for caption in app.caption)


def test_a_series_is_uploaded_and_its_sliders_stay_when_a_column_changes():
    app = upload("own_series", SERIES)
    assert "Predicts “level”, 200 moments" in app.success[0].value and "One row an hour." in app.info[0].value
    assert built(app).task.name == "forecasting" and built(app).architecture.kind == "lstm"
    app.slider(key="build.dataset.own_series.horizon").set_value(6).run()
    chosen(app, "Time").set_value("the order of the rows").run()
    assert built(app).dataset.horizon == 6 and built(app).dataset.step == "row"
    app.slider(key="build.dataset.own_series.window").set_value(168).run()
    assert any("dataset.window: expected at most" in error.value for error in app.error)


def test_a_link_opens_for_its_owner_with_the_choices_and_for_nobody_else():
    app = upload("own_table", TABLE)
    chosen(app, "Predict").set_value("size").run()
    link = built(app).link()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "may_use", lambda self, dataset, visitor: True)
        again = build(recipe=link)
    assert built(again) == Recipe.from_link(link) and chosen(again, "Predict").value == "size"
    other = build(recipe=link)
    assert any("seen only by who uploaded it" in warning.value for warning in other.warning)
    assert other.session_state["build.dataset.own_table.id"] == ""


def test_it_is_deleted_with_one_click():
    app = upload("own_series", SERIES)
    dataset = built(app).dataset
    assert open_store().artifacts.names("uploads")
    app.button(key="build.dataset.own_series.delete").click().run()
    assert not app.exception
    assert not open_store().artifacts.names("uploads")
    assert app.session_state["build.dataset.own_series.id"] == ""
    assert "No file yet" in app.info[0].value
    assert dataset.id


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("own_table", b"", "no rows in this file"),
        ("own_table", b"\0\1\2" * 100, "no text file"),
        ("own_table", b"a\n1\n2\n", "needs two columns"),
        ("own_series", b"PK\x03\x04", "Excel workbook"),
        ("own_series", b"name\nx\ny\n", "cannot be forecast"),
        (
            "own_series",
            b"day,v\n" + b"".join(b"2024-01-%02d,5\n" % i for i in range(1, 29)),
            "“v” cannot be forecast (always 5)",
        ),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(name, data, why):
    app = upload(name, data)
    assert any(why in error.value for error in app.error)


def test_pictures_are_deleted_the_same_way():
    def picture(grey: int) -> bytes:
        file = io.BytesIO()
        Image.new("L", (20, 20), grey).save(file, "PNG")
        return file.getvalue()

    app = build(data="upload")
    files = [(f"{'ab'[i % 2]}_{i}.png", picture(9 * i), "image/png") for i in range(20)]
    app.file_uploader[0].set_value(files).run(timeout=60)
    assert "20 pictures in 2 classes: a, b" in app.success[0].value
    app.button(key="build.dataset.upload.delete").click().run()
    assert not app.exception and not open_store().artifacts.names("uploads")
    assert "No pictures yet" in app.info[0].value and not app.success
