"""Classify without an engine: its parts, and what is refused before anything is asked of one."""

from __future__ import annotations

import io
import zipfile

from test_pages import no_engine, open_page  # noqa: F401


def packed(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return file.getvalue()


def test_a_batch_test_without_pictures_says_what_to_choose():
    app = open_page("pages/classify.py")
    app.segmented_control(key="classify.part").set_value("Batch test").run()
    assert not app.exception and "Choose pictures" in app.info[0].value
    app.file_uploader(key="classify.batch.files").set_value(
        [("texts.zip", packed("a.txt"), "application/zip")]
    ).run()
    assert not app.exception and "There is no picture in these files" in app.error[0].value
