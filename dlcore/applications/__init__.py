"""Image networks that Keras offers for download, trained on ImageNet; see https://keras.io/api/applications.

What is said of them here needs no Keras. Their files are where Keras puts them, so whoever has one has it here too.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
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


HALVED = ((1, 2),) * 5
POOLED = ((2, 2),) * 5
INCEPTION = ((3, 2), (3, 1), (3, 2), (3, 1), (3, 2), (3, 2), (3, 2))
"""Windows and strides of the layers that make an image smaller, one after the other."""


@dataclass(frozen=True)
class Trunk:
    """A network without its last layers: what it gives, and what that takes.

    Between two layers that make an image smaller all others keep its size. So ``flops`` and ``values`` (the numbers that
    the layers answer with) are those of one pixel at each size, the image's own first; the last ones are not of pixels.
    """

    channels: int
    parameters: int
    flops: tuple[int, ...]
    values: tuple[int, ...]
    windows: tuple[tuple[int, int], ...] = HALVED
    smallest: int = 32
    """Pixels that the side of an image must have."""

    def sides(self, side: int) -> list[int]:
        """Of an image with this side, and of what becomes of it."""
        sides = [side]
        for window, stride in self.windows:
            sides.append((sides[-1] - window) // stride + 1)
        return sides

    def total(self, counts: tuple[int, ...], side: int) -> int:
        """``flops`` or ``values`` of an image with this side."""
        return sum(count * size**2 for count, size in zip(counts, (*self.sides(side), 1), strict=True))


class WeightsError(RuntimeError):
    """A file of weights that is gone or damaged."""


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
    trunk: Trunk
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

    def read(self, read: Callable[[Path], object]) -> None:
        """Let its file be read. Raises WeightsError, and throws a damaged file away."""
        path = self.target
        try:
            if not (self.at_hand and self.download(path.stat().st_size).sound):
                raise WeightsError(f"the weights of {self.name} are gone or damaged; download it again")
            read(path)
        except WeightsError:
            path.unlink(missing_ok=True)
            raise
        except (OSError, ValueError, KeyError) as error:
            path.unlink(missing_ok=True)
            raise WeightsError(
                f"the weights of {self.name} do not fit its network; download it again"
            ) from error


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
            Trunk(
                1280,
                2_257_984,
                (0, 6752, 30_816, 82_560, 1_060_544, 3_232_960, 0),
                (3, 608, 1848, 3760, 20_480, 24_768, 0),
            ),
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
            Trunk(
                1280,
                4_049_571,
                (0, 6752, 30_816, 90_208, 1_409_472, 5_162_752, 1_263_740),
                (12, 640, 2112, 3456, 25_056, 42_112, 27_260),
            ),
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
            Trunk(
                2048,
                23_587_712,
                (0, 19_008, 430_208, 2_435_584, 14_186_496, 29_918_208, 0),
                (6, 256, 4800, 12_288, 35_840, 37_888, 0),
            ),
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
            Trunk(
                2048,
                21_802_784,
                (0, 1792, 55_488, 10_400, 276_864, 1_781_920, 17_409_984, 24_000_256, 0),
                (3, 96, 288, 304, 576, 6608, 31_680, 33_664, 0),
                INCEPTION,
                75,
            ),
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
            Trunk(
                512,
                14_714_688,
                (77_312, 442_624, 2_949_888, 11_798_016, 14_157_312, 0, 0),
                (131, 320, 896, 1792, 2048, 512, 0),
                POOLED,
            ),
        ),
    )
}
"""By name; in the order of their size."""
