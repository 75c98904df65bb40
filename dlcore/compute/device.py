"""The device a worker computes on: found once, set up once for each process."""

from __future__ import annotations

import os
import shutil
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Device:
    """``kind`` is "gpu" or "cpu"; ``precision`` a Keras dtype policy; ``advice`` a line or empty."""

    kind: str
    name: str
    count: int
    precision: str
    advice: str = ""

    def strategy(self) -> AbstractContextManager[Any]:
        """Within it a model is mirrored over all GPUs, where there are several."""
        if self.kind == "cpu" or self.count < 2:
            return nullcontext()
        import tensorflow as tf

        scope: AbstractContextManager[Any] = tf.distribute.MirroredStrategy().scope()
        return scope


def nvidia_present() -> bool:
    """Whether the machine has an NVIDIA GPU, used or not."""
    return Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi") is not None


@lru_cache(maxsize=1)
def device() -> Device:
    """Find the device and let TensorFlow take GPU memory as it needs it, not all at once.

    Imports TensorFlow: call it in a worker, never in the web process.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)
    if not gpus:
        return Device("cpu", f"CPU, {os.cpu_count()} cores", 1, "float32", _advice())
    details = tf.config.experimental.get_device_details(gpus[0])
    # bfloat16 has the range of float32, so it needs no loss scaling; Ampere (8.0) brought it.
    modern = details.get("compute_capability", (0, 0)) >= (8, 0)
    precision = "mixed_bfloat16" if modern else "float32"
    return Device("gpu", details.get("device_name", "GPU"), len(gpus), precision)


def _advice() -> str:
    if not nvidia_present():
        return ""
    return (
        "This machine has an NVIDIA GPU, but TensorFlow's CPU build is installed; "
        "to use the GPU: pip install -r requirements-gpu.txt"
    )
