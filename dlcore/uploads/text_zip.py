"""A zip with a folder of .txt files for each class, as a table of two columns."""

from __future__ import annotations

from pathlib import PurePosixPath

from dlcore.settings import settings
from dlcore.uploads.apart import File
from dlcore.uploads.archive import EntryError, entries
from dlcore.uploads.classes import Place, listed, sort
from dlcore.uploads.clutter import is_system_file
from dlcore.uploads.limits import MAX_TOTAL_MB, UploadError
from dlcore.uploads.own_file import OwnFile, keep_columns, keep_file
from dlcore.uploads.text_table import TableError, decoded

MOST_BYTES = 2**18
"""Of one text: what is longer is cut."""
ENDINGS = (".txt", ".text", ".md")
COLUMNS = ("text", "label")


def keep_texts(file: File, header: bool | None = None) -> tuple[str, OwnFile]:
    """Keep texts with their labels, from a zip of folders or from a CSV file; their id and what is in them.

    Raises UploadError where there are none, or too much.
    """
    if file.name.lower().endswith(".zip"):
        return keep_columns(read_zip(file))
    return keep_file(file, header)


def read_zip(file: File) -> OwnFile:
    """The texts and the folders they lie in. Raises UploadError where there are none, or too much."""
    most = settings().max_upload_mb
    if file.size > most * 2**20:
        raise UploadError(
            f"{file.name} has {file.size / 2**20:,.0f} MB, and at most {most} MB are read: pack fewer."
        )
    places, texts, unusable, total = [], [], [], 0
    for entry in entries(file.name, file.read()):
        path = PurePosixPath(entry.name.replace("\\", "/"))
        if is_system_file(path.parts) or path.suffix.lower() not in ENDINGS:
            continue
        content = b""
        try:
            for piece in entry.pieces():
                content += piece
                if len(content) > MOST_BYTES:
                    break
            text = decoded(content[:MOST_BYTES])[0]
        except (EntryError, TableError) as error:
            unusable.append(f"{path.name} ({error})")
            continue
        total += len(content)
        if total > MAX_TOTAL_MB * 2**20:
            raise UploadError(f"{file.name} holds more than {MAX_TOTAL_MB} MB of texts: pack fewer.")
        places.append(Place(path.parts[:-1], path.name))
        texts.append(text)
    if not texts:
        raise UploadError(f"{file.name} holds no .txt files: put a folder of them for each class into a zip.")
    sorting = sort(places)
    if len(sorting.classes) < 2:
        raise UploadError(
            f"{file.name} holds {len(texts):,} texts in one class: put them into a folder for each class and zip that."
        )
    names = [sorting.classes[label] if label >= 0 else "" for label in sorting.labels]
    notes = [note.replace("images", "texts").replace("image", "text") for note in sorting.notes]
    if unusable:
        notes.append(f"{len(unusable)} files cannot be read: {listed(unusable, 3)}.")
    columns = dict(zip(COLUMNS, (texts, names), strict=True))
    return OwnFile(
        columns,
        assumed=f"Read {len(texts):,} texts; the folders are the labels.",
        notes=notes,
        from_lines=False,
    )
