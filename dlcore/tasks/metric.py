"""A metric as people see it: one description for the run list, the Train page, cards and the command line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    """How a number is called, printed and read.

    Attributes:
        key: Its name in JSON, such as ``accuracy``.
        title: Its name for people.
        help: What it is, in at most 25 words.
        form: How it is printed, such as ``{:.1%}``.
        higher: Whether more of it is better.
        share: Whether it lies between 0 and 1 and is shown in percent.
    """

    key: str
    title: str
    help: str
    form: str = "{:.4g}"
    higher: bool = True

    @property
    def share(self) -> bool:
        return self.form.endswith("%}")

    def text(self, value: float, unit: str = "") -> str:
        """The value for people, with its unit where it has one."""
        return self.form.format(value) + (f" {unit}" if unit and not self.share else "")
