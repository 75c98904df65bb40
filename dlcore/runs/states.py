"""The states of a run. Every run ends in exactly one of the four terminal ones."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """The state of a run.

    queued → running ⇄ paused → finished, stopped, failed or lost. A stopped, failed or lost run can be
    resumed, which queues it again.
    """

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"
    LOST = "lost"

    @property
    def is_terminal(self) -> bool:
        return self in TERMINAL

    @property
    def can_resume(self) -> bool:
        return self.is_terminal and self is not State.FINISHED


TERMINAL = frozenset({State.FINISHED, State.STOPPED, State.FAILED, State.LOST})
ACTIVE = frozenset(State) - TERMINAL
HELD = frozenset({State.RUNNING, State.PAUSED})
"""Of these a worker is in charge."""
