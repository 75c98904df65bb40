"""Callbacks between a training and the run store, one a file."""

from dlcore.callbacks.checkpoint import Checkpoint
from dlcore.callbacks.control import Control
from dlcore.callbacks.last_finite import LastFinite
from dlcore.callbacks.previews import Previews
from dlcore.callbacks.telemetry import Telemetry, TrainingFailed

__all__ = ["Checkpoint", "Control", "LastFinite", "Previews", "Telemetry", "TrainingFailed"]
