"""One file per family. A new one is a file here: it is found by lying here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Union

from pydantic import Field

from dlcore.architectures.base import Architecture
from dlcore.registry import discover

ARCHITECTURES: dict[str, type[Architecture]] = discover("architectures", Architecture, "kind")

if TYPE_CHECKING:
    AnyArchitecture = Any
else:
    AnyArchitecture = Annotated[Union[tuple(ARCHITECTURES.values())], Field(discriminator="kind")]  # noqa: UP007

__all__ = ["ARCHITECTURES", "AnyArchitecture", "Architecture"]
