"""Labelled texts of one's own on the Build page: uploaded, columns chosen, deleted, and seen by nobody else."""

from __future__ import annotations

from functools import partial

from app_page import built, open_page
from streamlit.testing.v1 import AppTest

TOPICS = ("billing", "delivery", "account")
TABLE = "message,topic,city\n" + "\n".join(
    f"please look at my {TOPICS[i % 3]} number {i},{TOPICS[i % 3]},{('Rome', 'Oslo')[i % 2]}"
    for i in range(60)
)


build = partial(open_page, "pages/build.py")


def uploaded(text: str = TABLE, name: str = "post.csv") -> AppTest:
    app = build(data="own_texts")
    app.file_uploader[0].upload(name, text.encode(), "text/csv").run()
    assert not app.exception, app.exception
    return app


def test_before_an_upload_the_page_says_what_to_do():
    app = build(data="own_texts")
    assert any(
        "No texts yet: upload a CSV file or a zip first" in error.value
        for error in (*app.error, *app.info, *app.warning)
    )


def test_columns_are_found_and_can_be_changed():
    app = uploaded()
    assert "60 texts with 2 labels: Oslo, Rome" in app.success[0].value  # the fewest values
    labels = next(box for box in app.selectbox if box.label == "Labels")
    labels.set_value("topic").run()
    assert "60 texts with 3 labels: account, billing, delivery" in app.success[0].value
    recipe = built(app)
    assert (recipe.dataset.text, recipe.dataset.label) == ("message", "topic")
    assert recipe.architecture.kind == "lstm" and recipe.problem.vocabulary == 1000
    app.slider(key="build.dataset.own_texts.length").set_value(16).run()
    assert built(app).dataset.length == 16 and built(app).dataset.classes == recipe.dataset.classes


def test_the_text_cannot_be_its_own_label():
    app = uploaded()
    next(box for box in app.selectbox if box.label == "Labels").set_value("message").run()
    assert any(
        "the same column: choose two" in error.value for error in (*app.error, *app.info, *app.warning)
    )
    assert not app.exception


def test_deleted_with_one_click():
    app = uploaded()
    next(button for button in app.button if button.label == "Delete these texts").click().run()
    assert not app.exception
    assert any("No texts yet" in error.value for error in (*app.error, *app.info, *app.warning))


def test_somebody_else_opens_the_recipe_without_the_texts():
    link = built(uploaded()).link()
    other = build(recipe=link)
    assert other.session_state["build.dataset"] == "own_texts"
    assert not other.session_state["build.dataset.own_texts.id"]
    assert not any(
        "billing" in str(element.value) for element in (*other.markdown, *other.caption, *other.success)
    )
