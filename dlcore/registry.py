"""What a folder holds: every architecture, data set and task is found by lying in its folder.

A lab's own are found too: the setting ``DLCORE_EXTENSIONS`` names a folder with ``architectures``,
``datasets`` and ``tasks`` in it.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from dlcore.settings import SettingError, extensions

T = TypeVar("T")


def discover(package: str, base: type[T], tag: str) -> dict[str, type[T]]:
    """The classes below ``base`` in a package's modules that name themselves in ``tag``, by that name.

    Raises SettingError where two have one name. They are sorted by their ``order``; classes of one module stay as they are written.
    """
    classes: dict[str, type[T]] = {}
    for module in modules(package):
        for value in vars(module).values():
            if inspect.isclass(value) and issubclass(value, base) and value.__module__ == module.__name__:
                fields = getattr(value, "model_fields", {})
                name = fields[tag].default if tag in fields else getattr(value, tag, None)
                if isinstance(name, str) and name:
                    _refuse_second(classes.get(name), value, tag, name)
                    classes[name] = value
    return dict(sorted(classes.items(), key=lambda item: getattr(item[1], "order", 100)))


def _refuse_second(first: type | None, second: type, tag: str, name: str) -> None:
    """Raises SettingError where two files take one name: stored recipes would then mean another thing."""
    if first is not None and first is not second:
        files = inspect.getfile(second), inspect.getfile(first)
        raise SettingError(
            f"DLCORE_EXTENSIONS: expected a new {tag} in {files[0]}, received {name!r}, which is that of "
            f"{files[1]}; give it another"
        )


def modules(package: str) -> Iterator[ModuleType]:
    """The modules of ``dlcore.PACKAGE``, then those of the same folder among a lab's own."""
    home = importlib.import_module(f"dlcore.{package}")
    for entry in pkgutil.iter_modules(home.__path__):
        if entry.name != "base":
            yield importlib.import_module(f"{home.__name__}.{entry.name}")
    if folder := extensions():
        for path in sorted((Path(folder) / package).glob("*.py")):
            yield _load(path, f"dlcore_extensions.{package}.{path.stem}")


def _load(path: Path, name: str) -> ModuleType:
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec and spec.loader
        sys.modules[name] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[name]
