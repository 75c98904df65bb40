"""The latent space of a VAE or GAN: encode, decode, walk, add and subtract; jobs for pages."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore.generative.draws import classes_in_turn, sampled, to_pixels
from dlcore.generative.likelihood import negative_elbos
from dlcore.generative.requests import (
    MOST,
    check_range,
    checked_latents,
    class_number,
    generative_model,
    inputs,
    sampling_options,
    test_part,
)

SIDE = 20
"""Images along each side of the latent plane."""
PLANE = 1000
"""Test examples shown on it."""
REACH, FARTHEST = 3.0, 5.0
"""The plane spans ±REACH standard deviations, or up to ±FARTHEST where the test examples do."""


def decode(model: str, latents: Any, label: int | str | None = None, **options: Any) -> np.ndarray:
    """What a VAE or GAN makes of latent vectors (n, latent_dim). A class-conditional model takes the first
    class where none is given; ``options`` as for :func:`dlcore.generative.samples.sample`."""
    info, network = generative_model(model, "interpolate")
    rows = checked_latents(network, latents)
    labels = classes_in_turn(info.recipe, len(rows), class_number(info, label) or 0)
    return to_pixels(sampled(network, rows, labels, **sampling_options(info, options)))


def encode(model: str, images: Any, label: int | str | None = None) -> dict[str, Any]:
    """Latent distributions of images: ``mean`` and ``log_var`` (n, latent_dim), and the images as ``seen``.

    ``images`` are files (bytes) or one array like those that :func:`dlcore.generative.samples.sample` gives.
    ``labels`` are the names of the classes that a class-conditional model was given: without a ``label`` the
    most likely ones.
    """
    info, network = generative_model(model, "encode")
    x = inputs(info, images)
    chosen = class_number(info, label)
    labels = classes_in_turn(info.recipe, len(x), chosen)
    if labels is not None and chosen is None:
        labels = negative_elbos(info, network, x).argmin(axis=0)
    mean, log_var = network.encode(x, labels)
    classes = info.recipe.dataset.classes
    names = None if labels is None else [classes[number] for number in labels]
    return {"mean": mean, "log_var": log_var, "seen": to_pixels(x), "labels": names}


def latent_plane(
    model: str, axes: tuple[int, int] = (0, 1), label: int | str | None = None, others: Any = None
) -> dict[str, Any]:
    """Two latent dimensions of a VAE as a plane.

    ``others`` (latent_dim,) is where the plane lies along the other dimensions; without it they are 0.

    Returns ``x``, means of test examples on the two axes (n, 2), their classes ``y``, ``grid``, what the
    decoder makes of evenly spaced places (rows, columns, height, width, channels), row 0 at the bottom,
    ``extent``, the plane's (left, right, bottom, top), and ``data``, a line that says which test
    examples these are.
    """
    info, network = generative_model(model, "encode")
    dim = network.latent_dim
    if len(axes) != 2 or not all(0 <= axis < dim for axis in axes):
        raise ValueError(f"axes: expected two of 0 to {dim - 1}, received {tuple(axes)}")
    test, source = test_part(info)
    x, y = test[:PLANE].x, test.y[:PLANE]
    mean = network.encode(x, y if info.recipe.conditional else None)[0][:, list(axes)]
    # Round numbers, and wide enough for all but a few stray examples.
    wide = float(np.ceil(2 * np.quantile(np.abs(mean), 0.99)) / 2)
    reach = min(max(REACH, wide), FARTHEST)
    along = np.linspace(-reach, reach, SIDE, dtype="float32")
    latents = np.repeat(checked_latents(network, [np.zeros(dim) if others is None else others]), SIDE**2, 0)
    latents[:, axes[1]], latents[:, axes[0]] = np.repeat(along, SIDE), np.tile(along, SIDE)
    labels = classes_in_turn(info.recipe, len(latents), class_number(info, label) or 0)
    images = to_pixels(sampled(network, latents, labels))
    return {
        "x": mean,
        "y": y.tolist(),
        "grid": images.reshape(SIDE, SIDE, *images.shape[1:]),
        "extent": (-reach, reach, -reach, reach),
        "data": source,
    }


def interpolate(
    model: str,
    latents_a: Any,
    latents_b: Any,
    count: int = 16,
    label: int | str | None = None,
    to_label: int | str | None = None,
    **options: Any,
) -> np.ndarray:
    """``count`` steps from one latent vector to another, both ends included.

    A VAE's path is straight. A GAN's is a great circle (White 2016), because its normal latent vectors
    all lie about equally far from 0, and the straight path leads through a middle it has never seen.
    A class-conditional VAE can go from ``label`` to another, ``to_label``, by way of shares of both.
    """
    info, network = generative_model(model, "interpolate")
    check_range("count", count, 2, MOST)
    ends = checked_latents(network, np.stack([np.ravel(latents_a), np.ravel(latents_b)]))
    share = np.linspace(0, 1, count)[:, None]
    path = (great_circle if network.spherical else straight)(ends[0], ends[1], share).astype("float32")
    if to_label is None or network.spherical or not info.recipe.conditional:
        return decode(model, path, label, **options)
    one_hot = np.eye(len(info.recipe.dataset.classes), dtype="float32")
    first, last = one_hot[class_number(info, label) or 0], one_hot[class_number(info, to_label) or 0]
    shares = straight(first, last, share).astype("float32")
    return to_pixels(sampled(network, path, shares, **sampling_options(info, options)))


def straight(a: np.ndarray, b: np.ndarray, share: np.ndarray) -> np.ndarray:
    return (1 - share) * a + share * b


def great_circle(a: np.ndarray, b: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Spherical interpolation; the straight line where a and b point in the same or opposite directions."""
    lengths = np.linalg.norm(a) * np.linalg.norm(b)
    angle = np.arccos(np.clip(a @ b / max(lengths, 1e-12), -1, 1))
    if np.sin(angle) < 1e-6:
        return straight(a, b, share)
    return (np.sin((1 - share) * angle) * a + np.sin(share * angle) * b) / np.sin(angle)


def arithmetic(
    model: str,
    latents: Any,
    plus_class: int | str,
    minus_class: int | str,
    strengths: Any = (1.0,),
    label: int | str | None = None,
) -> dict[str, Any]:
    """A VAE's point ``latents`` (latent_dim,) + strength × (one class − another), for each of ``strengths``.

    The direction from one class to another is the mean of one minus the mean of the other, both over test
    examples: Radford et al. 2015 did it with a GAN's latent vectors; a VAE's encoder gives them at once.
    Latent vectors of a class-conditional model need not say the class: it gets the same sum of classes, of
    ``label`` strength × more of one and less of the other.

    Returns ``samples``, their ``latents`` (n, latent_dim) and ``labels``, the name of the class that has the
    largest share in each (or None).
    """
    info, network = generative_model(model, "encode")
    plus, minus = (
        class_number(info, plus_class, required=False),
        class_number(info, minus_class, required=False),
    )
    at = class_number(info, label) or 0
    if not len(strengths):
        raise ValueError("strengths: expected at least one, received none")
    for strength in strengths:
        check_range("strengths", strength, -10, 10)
    test, _ = test_part(info)
    conditional = info.recipe.conditional

    def mean(label: int | None) -> np.ndarray:
        chosen = test[test.y == label].x
        means = network.encode(chosen, np.full(len(chosen), label, "int32") if conditional else None)[0]
        return np.asarray(means.mean(axis=0))

    share = np.array(strengths, "float32")[:, None]
    path = checked_latents(network, checked_latents(network, [latents]) + share * (mean(plus) - mean(minus)))
    if not conditional:
        return {"samples": to_pixels(sampled(network, path)), "latents": path, "labels": None}
    classes = info.recipe.dataset.classes
    one_hot = np.eye(len(classes), dtype="float32")
    shares = one_hot[at] + share * (one_hot[plus] - one_hot[minus])
    return {
        "samples": to_pixels(sampled(network, path, shares)),
        "latents": path,
        "labels": [classes[most] for most in shares.argmax(axis=1)],
    }
