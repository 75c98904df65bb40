"""One file per family. A new one is a file here and a name in the union below."""

from __future__ import annotations

from typing import Annotated, get_args

from pydantic import Field

from dlcore.architectures.base import Architecture, Problem
from dlcore.architectures.cnn import CNN
from dlcore.architectures.custom import Custom
from dlcore.architectures.diffusion import Diffusion
from dlcore.architectures.gan import GAN
from dlcore.architectures.mlp import MLP
from dlcore.architectures.vae import VAE

AnyArchitecture = Annotated[MLP | CNN | Custom | VAE | GAN | Diffusion, Field(discriminator="kind")]
ARCHITECTURES: dict[str, type[Architecture]] = {
    cls.model_fields["kind"].default: cls for cls in get_args(get_args(AnyArchitecture)[0])
}

__all__ = ["ARCHITECTURES", "AnyArchitecture", "Architecture", "Problem"]
