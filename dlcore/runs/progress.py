"""A training's progress on one line of the terminal."""

from __future__ import annotations

import sys
from typing import Any

import keras


class Bar(keras.callbacks.Callback):
    """Write epoch, bar, loss and accuracy to standard error; one line an epoch if that is no terminal."""

    async_safe = False

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        steps = self.params["steps"]
        if sys.stderr.isatty() and (batch % 10 == 0 or batch + 1 == steps):
            filled = round(20 * (batch + 1) / steps)
            self._line("█" * filled + "·" * (20 - filled), logs, end="")

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._line("█" * 20, logs, end="\n")

    def _line(self, bar: str, logs: dict[str, Any] | None, end: str) -> None:
        values = "  ".join(f"{name} {value:.4f}" for name, value in (logs or {}).items())
        text = f"epoch {self.epoch + 1}/{self.params['epochs']} {bar} {values}"
        start = "\r\x1b[K" if sys.stderr.isatty() else ""
        print(start + text, end=end, file=sys.stderr, flush=True)
