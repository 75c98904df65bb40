"""A table that somebody uploads: read once, kept as columns of text, read as numbers when its use is known."""

from __future__ import annotations

import gzip
import json
import re
import threading
from dataclasses import asdict, dataclass, field

from dlcore.settings import settings
from dlcore.uploads import kept
from dlcore.uploads.apart import File
from dlcore.uploads.limits import MAX_ROWS, UploadError
from dlcore.uploads.text_table import TableError, read_table

NO_TABLES = {
    b"PK\x03\x04": "an Excel workbook or a zip",
    b"\xd0\xcf\x11\xe0": "an Excel workbook",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a packed file (gzip)",
}
"""How files begin that are often taken for tables."""
_turn = threading.Lock()
"""One table is read at a time, so that their memory does not add up."""


@dataclass(frozen=True)
class OwnFile:
    """The columns of a table as texts, and how its file was read."""

    columns: dict[str, list[str]]
    delimiter: str = ","
    encoding: str = "UTF-8"
    header: bool = True
    assumed: str = ""
    notes: list[str] = field(default_factory=list)
    from_lines: bool = True
    """Whether its columns were lines of one file, of which the first may name them."""

    @property
    def rows(self) -> int:
        return len(next(iter(self.columns.values())))


def keep_file(file: File, header: bool | None = None) -> tuple[str, OwnFile]:
    """Read a table and keep it; its id and what is in it.

    Args:
        file: Read only if its size allows it.
        header: Whether the first line names the columns; None: as it seems.

    Raises UploadError where it is no table or too large.
    """
    most = settings().max_upload_mb
    if file.size > most * 2**20:
        raise UploadError(
            f"{file.name} has {file.size / 2**20:,.0f} MB, and at most {most} MB are read: "
            "leave out rows or columns."
        )
    with _turn:
        return keep_columns(_read(file.name, file.read(), header))


def keep_columns(read: OwnFile) -> tuple[str, OwnFile]:
    """Keep what has been read; its id and what is in it."""
    content = json.dumps(asdict(read), ensure_ascii=False, separators=(",", ":")).encode()
    upload = kept.identity(content)
    kept.write(f"{upload}.json.gz", gzip.compress(content, compresslevel=5, mtime=0))
    return upload, read


def is_kept(upload: str) -> bool:
    """Whether there is a table under an id."""
    return kept.exists(f"{upload}.json.gz")


def open_file(upload: str) -> OwnFile:
    """What is kept under an id. Raises FileNotFoundError."""
    return OwnFile(**json.loads(gzip.decompress(kept.read(f"{upload}.json.gz"))))


def _read(name: str, data: bytes, header: bool | None) -> OwnFile:
    for beginning, what in NO_TABLES.items():
        if data.startswith(beginning):
            raise UploadError(f"{name} is {what}, and only CSV is read: save it as CSV and choose that file.")
    if re.match(rb"(?:\xef\xbb\xbf)?\s*(?:<(?:!doctype|html|\?xml|svg)|[{\[])", data[:200], re.IGNORECASE):
        raise UploadError(f"{name} is a web page, XML or JSON, and only CSV is read: export it as CSV.")
    try:
        table = read_table(data, header=header, most_rows=MAX_ROWS)
    except TableError as error:
        raise UploadError(f"{name}: {error}") from error
    columns = dict(zip(table.columns, map(list, zip(*table.rows, strict=True)), strict=True))
    return OwnFile(columns, table.delimiter, table.encoding, table.header, table.assumed, table.notes)
