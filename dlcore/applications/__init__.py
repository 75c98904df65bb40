"""Image networks that Keras offers for download, trained on ImageNet; see https://keras.io/api/applications.

What is said of them here needs no Keras. Their files are where Keras puts them, so whoever has one has it here too.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path

from dlcore.downloads import Download, length

KERAS = "https://storage.googleapis.com/tensorflow/keras-applications"
HDF5 = b"\x89HDF\r\n\x1a\n"
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of the colours of ImageNet's photos in [0, 1]: red, green, blue."""


@dataclass(frozen=True)
class Scaling:
    """How pixels in [0, 1] become what the network was trained on: times ``scale`` plus ``offset``."""

    scale: float | tuple[float, ...] = 1.0
    offset: float | tuple[float, ...] = 0.0
    blue_first: bool = False


CENTRED = Scaling(2.0, -1.0)
CAFFE = Scaling(255.0, (-103.939, -116.779, -123.68), blue_first=True)
"""Caffe's: blue, green and red from 0 to 255, less their means."""
EFFICIENT = Scaling(
    tuple(255 / d**0.5 for d in DEVIATION),
    tuple(255 * m * (1 - 1 / d**0.5) for m, d in zip(MEAN, DEVIATION, strict=True)),
)
"""The network divides by the root of the deviation; this does what is missing, as Keras does after it.
https://github.com/tensorflow/tensorflow/issues/49930"""


@dataclass(frozen=True)
class Application:
    """A network of ``keras.applications``: where its weights are, their MD5 if Keras states it, and its input."""

    name: str
    title: str
    paper: str
    constructor: str
    address: str
    size: int
    """Bytes to download."""
    md5: str
    parameters: int
    top1: float
    """Accuracy on ImageNet's validation photos that Keras states."""
    scaling: Scaling
    side: int = 224

    @property
    def target(self) -> Path:
        """Where Keras keeps the file."""
        home = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras"))
        return home / "models" / self.address.rsplit("/", 1)[-1]

    @property
    def memory(self) -> int:
        """Bytes of the weights in memory."""
        return 4 * self.parameters

    @property
    def at_hand(self) -> bool:
        return is_whole(self.target)

    def download(self, size: int = 0) -> Download:
        """Its file, of the size that a server states."""
        partial = self.target.with_name(f"{self.target.name}.incomplete")
        return Download(self.target, partial, size or self.size, md5=self.md5)


def is_whole(path: Path) -> bool:
    """Whether an HDF5 file is as long as it says itself: one that was cut off is not.

    https://docs.hdfgroup.org/hdf5/v1_14/_f_m_t3.html: the superblock's end-of-file address.
    """
    try:
        with path.open("rb") as file:
            head = file.read(48)
    except OSError:
        return False
    if len(head) < 48 or not head.startswith(HDF5):
        return False
    at = 40 if head[8] < 2 else 28
    end: int = struct.unpack_from("<Q", head, at)[0]
    return end == length(path)


APPLICATIONS = {
    app.name: app
    for app in (
        Application(
            "mobilenet_v2",
            "MobileNetV2",
            "Sandler et al. 2018",
            "MobileNetV2",
            f"{KERAS}/mobilenet_v2/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224.h5",
            14_536_120,
            "",
            3_538_984,
            0.713,
            CENTRED,
        ),
        Application(
            "efficientnet_b0",
            "EfficientNetB0",
            "Tan and Le 2019",
            "EfficientNetB0",
            "https://storage.googleapis.com/keras-applications/efficientnetb0.h5",
            21_834_768,
            "902e53a9f72be733fc0bcb005b3ebbac",
            5_330_571,
            0.771,
            EFFICIENT,
        ),
        Application(
            "resnet50",
            "ResNet50",
            "He et al. 2015",
            "ResNet50",
            f"{KERAS}/resnet/resnet50_weights_tf_dim_ordering_tf_kernels.h5",
            102_967_424,
            "2cb95161c43110f7111970584f804107",
            25_636_712,
            0.749,
            CAFFE,
        ),
        Application(
            "inception_v3",
            "InceptionV3",
            "Szegedy et al. 2015",
            "InceptionV3",
            f"{KERAS}/inception_v3/inception_v3_weights_tf_dim_ordering_tf_kernels.h5",
            96_112_376,
            "9a0d58056eeedaa3f26cb7ebd46da564",
            23_851_784,
            0.779,
            CENTRED,
            side=299,
        ),
        Application(
            "vgg16",
            "VGG16",
            "Simonyan and Zisserman 2014",
            "VGG16",
            f"{KERAS}/vgg16/vgg16_weights_tf_dim_ordering_tf_kernels.h5",
            553_467_096,
            "64373286793e3c8b2b4e3219cbf3544b",
            138_357_544,
            0.713,
            CAFFE,
        ),
    )
}
"""By name; in the order of their size."""
