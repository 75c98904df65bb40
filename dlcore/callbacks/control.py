"""What visitors request of a running training: stop, pause, one step, another learning rate."""

from __future__ import annotations

import time
from collections.abc import Callable

import keras

from dlcore.runs.attempt import Attempt

LOOK = 0.2
"""Seconds between looks at the control row."""


class Control(keras.callbacks.Callback):
    """Follow the control row: stop, pause, one batch, one epoch, another learning rate or learner.

    Args:
        attempt: The attempt at a run; its store has the requests.
        minutes: The longest this training may take.
        on_pause: Called whenever the training comes to a halt, also after one batch, with the epochs done
            and the learner.
    """

    def __init__(
        self, attempt: Attempt, minutes: float, on_pause: Callable[[float, str], None] | None = None
    ):
        super().__init__()
        self.attempt, self.store, self.run = attempt, attempt.store, attempt.run
        self.on_pause = on_pause
        self.deadline = time.monotonic() + 60 * minutes
        self.minutes = minutes
        self.looked = 0.0
        self.due = False  # whether to look before the next batch, however soon that is
        self.stopped = False
        self.until_epoch_end = False
        self.applied: float | None = None
        self.learner = "both"
        self.began = False

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.epoch = epoch
        if self.until_epoch_end:
            self.until_epoch_end = False
            self.due = True  # pause before the first batch of this epoch

    def on_train_batch_begin(self, batch: int, logs: dict[str, float] | None = None) -> None:
        self._look(batch)

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        if not self.began:  # until then TensorFlow compiles, and no callback is called
            self.began = True
            self.attempt.answer_stop("")

    def on_test_batch_begin(self, batch: int, logs: dict[str, float] | None = None) -> None:
        if self.stopped:  # Keras forgets it at the start of every evaluation
            self.model.stop_evaluating = True
        else:
            self._look(None)

    def _look(self, batch: int | None) -> None:
        """``batch`` is None during validation, where a training cannot pause."""
        if self.due and batch is not None:
            self.due = False
        elif time.monotonic() - self.looked < LOOK:
            return
        paused = False
        while True:
            self.looked = time.monotonic()
            request = self.store.control(self.run)
            if request.learning_rate and request.learning_rate != self.applied:
                self._set_learning_rate(request.learning_rate, batch)
            if (request.learner or "both") != self.learner:
                self._set_learner(request.learner or "both", batch)
            if request.stop or self.attempt.over or self.looked > self.deadline:
                self._stop(timed_out=not request.stop and not self.attempt.over, batch=batch)
                break
            if not request.pause or self.until_epoch_end or batch is None:
                break
            if request.advance:
                self.store.request(self.run, advance=None)
                self.until_epoch_end = request.advance == "epoch"
                self.due = True
                break
            if not paused:
                paused = True
                self.store.pause(self.run, True)
                if self.on_pause:
                    self.on_pause(self._done(batch), self.learner)
            time.sleep(LOOK / 2)
        if paused and not request.pause:
            self.store.pause(self.run, False)

    def _set_learning_rate(self, value: float, batch: int | None) -> None:
        self.applied = value
        self.model.optimizer.learning_rate = value
        self._add_event(batch, f"learning rate set to {value:.3g}")

    def _set_learner(self, learner: str, batch: int | None) -> None:
        self.learner = learner
        if hasattr(self.model, "let_learn"):  # any other network has one player
            self._add_event(batch, self.model.let_learn(learner))

    def _done(self, batch: int | None) -> float:
        """Epochs done, with a fraction."""
        return float(self.epoch + (batch or 0) / self.params["steps"])

    def _add_event(self, batch: int | None, message: str) -> None:
        self.store.add_event(self.run, self._done(batch), message)

    def _stop(self, *, timed_out: bool, batch: int | None) -> None:
        if self.stopped:
            return
        self.stopped = True
        self.model.stop_training = self.model.stop_evaluating = True
        if timed_out:
            self._add_event(batch, f"time limit of {self.minutes:g} minutes reached")
