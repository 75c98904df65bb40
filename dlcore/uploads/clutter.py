"""What programs leave between the files of a person."""

from __future__ import annotations

from pathlib import PurePath

FOLDERS = {"@eadir", "@recycle", "#recycle", "$recycle.bin", "system volume information", "lost+found"}
FILES = {"thumbs.db", "desktop.ini", "icon\r", "ehthumbs.db"}
MAC = "__macosx"


def is_system_file(path: tuple[str, ...]) -> bool:
    """Whether nobody would miss a file: a hidden one, one of Windows' or macOS's own."""
    name = path[-1].casefold()
    return name.startswith(".") or name in FILES or MAC in (part.casefold() for part in path[:-1])


def generated_folder(path: tuple[str, ...]) -> str:
    """The hidden or generated folder that a file lies in, such as ``.ipynb_checkpoints``; or nothing."""
    return next((part for part in path[:-1] if part.startswith(".") or part.casefold() in FOLDERS), "")


def has_image_name(path: tuple[str, ...], suffixes: tuple[str, ...]) -> bool:
    """Whether a name promises an image: by its ending, or by having none."""
    suffix = PurePath(path[-1]).suffix.removeprefix(".").casefold()
    return not suffix or suffix in suffixes
