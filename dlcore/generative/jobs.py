"""What pages may ask of generative models; part of :mod:`dlcore.jobs`, and like it plain data in and out.

Images travel as uint8 arrays (n, height, width, channels), points as float32 (n, 2), latent numbers as
float32. A wish that makes no sense raises ValueError, whose line names what was expected and received.
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any

import numpy as np

from dlcore import inference, models
from dlcore.datasets import DatasetError, Part
from dlcore.generative.draws import classes_in_turn, draw_latents, sampled, to_pixels
from dlcore.generative.measure import measured
from dlcore.models import ModelInfo
from dlcore.neighbours import nearest as nearest_of
from dlcore.neighbours import typical
from dlcore.store import open_store
from dlcore.zoo.shipped_images import shipped_images

MOST = 1000
"""Examples made for one question."""
SIDE = 20
"""Images along each side of the latent plane."""
PLANE = 1000
"""Test examples shown on it."""
REACH, FARTHEST = 3.0, 5.0
"""The plane spans ±REACH standard deviations, or up to ±FARTHEST where the test examples do."""


def sample(
    model: str,
    count: int = 16,
    seed: int = 0,
    label: int | str | None = None,
    truncation: float = 1.0,
    latents: Any = None,
    **how: Any,
) -> dict[str, Any]:
    """New examples.

    Args:
        model: A shipped generative model or a run.
        count: How many; the i-th does not depend on it.
        seed: The same seed gives the same examples.
        label: Class (number or name) of all of them; None: all classes in turn.
        truncation: Shrinks the latent numbers: below 1 more typical, less various.
        latents: Make these (n, *latent_shape) instead of drawn ones.
        how: For diffusion ``steps``, ``sampler`` and ``eta``; for diffusion and a VAE told classes
            ``guidance``.

    Returns:
        ``samples``, their ``labels`` (or None), their ``latents`` and ``seconds``.
    """
    info, network = _generative(model)
    _within("truncation", truncation, 0, 2)
    how = _how(info, how, seed)
    if latents is None:
        _within("count", count, 1, MOST)
        _within("seed", seed, 0, 2**31 - 1)
        latents = draw_latents(network, count, seed, truncation)
    else:
        latents = _latents(network, latents)
    labels = classes_in_turn(info.recipe, len(latents), _label(info, label))
    started = time.perf_counter()
    made = sampled(network, latents, labels, **how)
    return {
        "samples": to_pixels(made),
        "labels": None if labels is None else labels.tolist(),
        "latents": latents,
        "seconds": round(time.perf_counter() - started, 3),
    }


def decode(model: str, latents: Any, label: int | str | None = None, **how: Any) -> np.ndarray:
    """What a VAE or GAN makes of latent numbers (n, latent_dim). A model told classes takes the first
    where none is given; ``how`` as for :func:`sample`."""
    info, network = _generative(model, "vae", "gan")
    rows = _latents(network, latents)
    labels = classes_in_turn(info.recipe, len(rows), _label(info, label) or 0)
    return to_pixels(sampled(network, rows, labels, **_how(info, how)))


def encode(model: str, images: Any, label: int | str | None = None) -> dict[str, Any]:
    """Latent numbers of images: ``mean`` and ``log_var`` (n, latent_dim), and the images as ``seen``.

    ``images`` are files (bytes) or one array like those that :func:`sample` gives. ``labels`` are the
    classes by name that a model told classes was told: without a ``label`` those that suit best.
    """
    info, network = _generative(model, "vae")
    x = _seen(info, images)
    chosen = _label(info, label)
    labels = classes_in_turn(info.recipe, len(x), chosen)
    if labels is not None and chosen is None:
        labels = _surprises(info, network, x).argmin(axis=0)
    mean, log_var = network.encode(x, labels)
    classes = info.recipe.dataset.classes
    names = None if labels is None else [classes[found] for found in labels]
    return {"mean": mean, "log_var": log_var, "seen": to_pixels(x), "labels": names}


def test_examples(model: str, count: int = 12) -> dict[str, Any]:
    """The first test examples: ``examples`` (n, …), their classes by name as ``labels``, and ``data``, a
    line that says which test examples these are."""
    info, _ = _generative(model)
    test, source = _test(info)
    _within("count", count, 1, MOST)
    classes = info.recipe.dataset.classes
    return {
        "examples": to_pixels(test[:count].x),
        "labels": [classes[label] for label in test.y[:count]],
        "data": source,
    }


def latent_plane(
    model: str, axes: tuple[int, int] = (0, 1), label: int | str | None = None, others: Any = None
) -> dict[str, Any]:
    """Two latent numbers of a VAE as a plane.

    ``others`` (latent_dim,) says where the plane lies on the other ones; without it they are 0.

    Returns ``x``, means of test examples on the two axes (n, 2), their classes ``y``, ``grid``, what the
    decoder makes of evenly spaced places (rows, columns, height, width, channels), row 0 at the bottom,
    ``extent``, the plane's (left, right, bottom, top), and ``data``, a line that says which test
    examples these are.
    """
    info, network = _generative(model, "vae")
    dim = network.latent_dim
    if len(axes) != 2 or not all(0 <= axis < dim for axis in axes):
        raise ValueError(f"axes: expected two of 0 to {dim - 1}, received {tuple(axes)}")
    test, source = _test(info)
    x, y = test[:PLANE].x, test.y[:PLANE]
    mean = network.encode(x, y if info.recipe.conditional else None)[0][:, list(axes)]
    # Round numbers, and wide enough for all but a few stray examples.
    wide = float(np.ceil(2 * np.quantile(np.abs(mean), 0.99)) / 2)
    reach = min(max(REACH, wide), FARTHEST)
    along = np.linspace(-reach, reach, SIDE, dtype="float32")
    latents = np.repeat(_latents(network, [np.zeros(dim) if others is None else others]), SIDE**2, 0)
    latents[:, axes[1]], latents[:, axes[0]] = np.repeat(along, SIDE), np.tile(along, SIDE)
    labels = classes_in_turn(info.recipe, len(latents), _label(info, label) or 0)
    made = to_pixels(sampled(network, latents, labels))
    return {
        "x": mean,
        "y": y.tolist(),
        "grid": made.reshape(SIDE, SIDE, *made.shape[1:]),
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
    **how: Any,
) -> np.ndarray:
    """``count`` steps from one latent vector to another, both ends included.

    A VAE's way is straight. A GAN's is a great circle (White 2016), because its normal latent numbers
    all lie about equally far from 0, and the straight way leads through a middle it has never seen.
    A VAE told classes can go from ``label`` to another, ``to_label``: on the way it is told shares of both.
    """
    info, network = _generative(model, "vae", "gan")
    _within("count", count, 2, MOST)
    ends = _latents(network, np.stack([np.ravel(latents_a), np.ravel(latents_b)]))
    share = np.linspace(0, 1, count)[:, None]
    circle = info.recipe.architecture.kind == "gan"
    way = (great_circle if circle else straight)(ends[0], ends[1], share).astype("float32")
    if to_label is None or circle or not info.recipe.conditional:
        return decode(model, way, label, **how)
    told = np.eye(len(info.recipe.dataset.classes), dtype="float32")
    first, last = told[_label(info, label) or 0], told[_label(info, to_label) or 0]
    shares = straight(first, last, share).astype("float32")
    return to_pixels(sampled(network, way, shares, **_how(info, how)))


def straight(a: np.ndarray, b: np.ndarray, share: np.ndarray) -> np.ndarray:
    return (1 - share) * a + share * b


def great_circle(a: np.ndarray, b: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Spherical interpolation; the straight way where a and b point the same or opposite ways."""
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
    examples: Radford et al. 2015 did it with a GAN's latent numbers; a VAE's encoder gives them at once.
    What a model is told, its latent numbers need not say: one told classes gets the same sum of them, of
    ``label`` strength × more of one and less of the other.

    Returns ``samples``, their ``latents`` (n, latent_dim) and ``labels``, the class by name that each was
    told most of (or None).
    """
    info, network = _generative(model, "vae")
    plus, minus = _label(info, plus_class, told=True), _label(info, minus_class, told=True)
    at = _label(info, label) or 0
    if not len(strengths):
        raise ValueError("strengths: expected at least one, received none")
    for strength in strengths:
        _within("strengths", strength, -10, 10)
    test, _ = _test(info)
    told = info.recipe.conditional

    def mean(label: int | None) -> np.ndarray:
        chosen = test[test.y == label].x
        found = network.encode(chosen, np.full(len(chosen), label, "int32") if told else None)[0]
        return np.asarray(found.mean(axis=0))

    share = np.array(strengths, "float32")[:, None]
    way = _latents(network, _latents(network, [latents]) + share * (mean(plus) - mean(minus)))
    if not told:
        return {"samples": to_pixels(sampled(network, way)), "latents": way, "labels": None}
    classes = info.recipe.dataset.classes
    each = np.eye(len(classes), dtype="float32")
    shares = each[at] + share * (each[plus] - each[minus])
    return {
        "samples": to_pixels(sampled(network, way, shares)),
        "latents": way,
        "labels": [classes[most] for most in shares.argmax(axis=1)],
    }


def anomaly(model: str, images: Any) -> dict[str, list[float]]:
    """How unlike the training data images are, to a VAE.

    ``scores`` are −ELBO in nats; ``quantiles`` say which share of test images score lower. A model
    told classes takes, for each image, the class that suits it best.
    """
    info, network = _generative(model, "vae")
    scores = _surprise(info, network, _seen(info, images))
    usual = _usual_surprise(info.name, info.version)
    quantiles = np.searchsorted(usual, scores) / len(usual)
    return {"scores": scores.tolist(), "quantiles": quantiles.tolist()}


@lru_cache(maxsize=32)
def _usual_surprise(model: str, version: str) -> np.ndarray:
    """The scores of test examples, in order: a second's work that does not change with the question."""
    info, network = _generative(model, "vae")
    return np.sort(_surprise(info, network, _test(info)[0].x[:500]))


def _surprise(info: ModelInfo, network: Any, x: np.ndarray) -> np.ndarray:
    if not info.recipe.conditional:
        return np.asarray(network.negative_elbo(x))
    return np.asarray(_surprises(info, network, x).min(axis=0))


def _surprises(info: ModelInfo, network: Any, x: np.ndarray) -> np.ndarray:
    """−ELBO of each example as each class, (classes, n)."""
    classes = range(len(info.recipe.dataset.classes))
    found = [network.negative_elbo(x, np.full(len(x), label, "int32")) for label in classes]
    return np.array(found)


def nearest(model: str, images: Any) -> dict[str, Any]:
    """For each image the ``nearest`` training image, its ``label`` and its ``distance``.

    ``typical`` is the same distance for real test images: a generated one that is much nearer is a
    copy. Distances are Euclidean over pixels in [0, 1].
    """
    info, _ = _generative(model)
    if not info.recipe.dataset.images:
        raise ValueError(f"model: expected one of pictures, received {info.name}, one of points")
    split = _split(info)
    index, distance = nearest_of(_seen(info, images), split.train.kept)
    classes = info.recipe.dataset.classes
    return {
        "nearest": to_pixels(split.train[index].x),
        "label": [classes[label] for label in split.train.y[index]],
        "distance": distance.tolist(),
        "typical": _typical(info.recipe.dataset, info.recipe.training.seed),
    }


@lru_cache(maxsize=8)
def _typical(dataset: Any, seed: int) -> float:
    split = inference.cached_data(dataset, seed)
    return typical(split.test.kept, split.train.kept)


def film(
    model: str,
    seed: int = 0,
    label: int | str | None = None,
    steps: int = 50,
    sampler: str = "ddim",
    eta: float = 0.0,
    guidance: float = 1.0,
    frames: int = 12,
) -> dict[str, Any]:
    """One example coming out of noise: ``noisy`` and predicted ``clean`` at ``frames`` steps ``t``.

    The last frame is the example as it ends.
    """
    info, network = _generative(model, "diffusion")
    _within("frames", frames, 2, 200)
    wishes = {"steps": steps, "sampler": sampler, "eta": eta, "guidance": guidance}
    how = _how(info, wishes, seed)
    seen: list[tuple[int, np.ndarray, np.ndarray]] = []
    latents = draw_latents(network, 1, seed)
    labels = classes_in_turn(info.recipe, 1, _label(info, label) or 0)
    made = network.sample(
        latents, labels, heard=lambda step, t, noisy, clean: seen.append((int(t), noisy[0], clean[0])), **how
    )
    chosen = np.unique(np.linspace(0, len(seen) - 1, frames).round().astype(int))
    noisy = [seen[i][1] for i in chosen[:-1]] + [made[0]]
    clean = [seen[i][2] for i in chosen[:-1]] + [made[0]]
    return {
        "noisy": to_pixels(np.stack(noisy)),
        "clean": to_pixels(np.stack(clean)),
        "t": [seen[i][0] for i in chosen[:-1]] + [0],
    }


def noising(model: str, image: int = 0, t: Any = (), seed: int = 0) -> np.ndarray:
    """Test image number ``image`` as it is after each of the steps ``t``, with the same noise."""
    info, network = _generative(model, "diffusion")
    test = _test(info)[0].x
    _within("image", image, 0, len(test) - 1)
    total = len(network.bars)
    for step in t:
        _within("t", step, 0, total - 1)
    if not len(t):
        raise ValueError(f"t: expected steps from 0 to {total - 1}, received none")
    noise = draw_latents(network, 1, seed)
    return to_pixels(np.concatenate([network.noised(test[image][None], int(step), noise) for step in t]))


def quality(
    model: str,
    count: int = 1000,
    seed: int = 0,
    truncation: float = 1.0,
    label: int | str | None = None,
    **how: Any,
) -> dict[str, Any]:
    """The quality numbers of ``count`` new examples; see :func:`dlcore.generative.measure.measured`."""
    info, network = _generative(model)
    _within("count", count, 50, 10 * MOST)
    _within("truncation", truncation, 0, 2)
    chosen = _label(info, label)
    how = _how(info, how, seed)
    return measured(network, info.recipe, _split(info), count, seed, truncation, chosen, **how)


# -- what is asked, checked ---------------------------------------------------------------------------


def _generative(model: str, *kinds: str) -> tuple[ModelInfo, Any]:
    """The model's description and network. Raises ValueError where it is of another kind."""
    store = open_store()
    info = models.find(store, model)
    kind = info.recipe.architecture.kind
    wanted = kinds or ("vae", "gan", "diffusion")
    if kind not in wanted:
        raise ValueError(f"model: expected one of kind {' or '.join(wanted)}, received a {kind}")
    return info, inference.cached_model(store, info)


def _split(info: ModelInfo) -> Any:
    """All the data. Raises DatasetError where it is not at hand: what it takes to download it, 11 to 170
    MB, shall be asked for and not happen on the side."""
    dataset = info.recipe.dataset
    if not dataset.at_hand:
        raise DatasetError(
            f"This needs all of {dataset.title}, which is not on this computer: "
            f"{dataset.download_bytes / 1e6:.0f} MB to download, once."
        )
    return inference.cached_data(dataset, info.recipe.training.seed)


def _test(info: ModelInfo) -> tuple[Part, str]:
    """Test examples, and a line that says which: where the data set is not at hand, those that ship."""
    dataset = info.recipe.dataset
    if not dataset.at_hand:
        sample = shipped_images(dataset.name)
        if sample is not None:
            return (sample, f"{len(sample)} test pictures of {dataset.title} that ship with the Studio")
    test = _split(info).test
    return test, f"{len(test):,} test examples of {dataset.title}"


def _within(name: str, value: Any, low: float, high: float) -> None:
    if not low <= value <= high:  # so that NaN is refused too
        raise ValueError(f"{name}: expected {low:,} to {high:,}, received {value}")


def _label(info: ModelInfo, label: int | str | None, *, told: bool | None = None) -> int | None:
    """The number of a class, given by number or name."""
    if label is None:
        return None
    classes = info.recipe.dataset.classes
    if not (info.recipe.conditional if told is None else told):
        raise ValueError(
            f"label: expected none, because {info.name} was not told classes while it learned; "
            f"received {label!r}"
        )
    if label in classes:
        return classes.index(str(label))
    if str(label).isdigit() and int(label) < len(classes):
        return int(label)
    raise ValueError(f"label: expected one of {', '.join(classes)}, received {label!r}")


def _latents(network: Any, latents: Any) -> np.ndarray:
    found = np.asarray(latents, "float32")
    if found.shape[1:] != network.latent_shape or not 1 <= len(found) <= MOST:
        raise ValueError(
            f"latents: expected shape (1 to {MOST:,}, {', '.join(map(str, network.latent_shape))}), "
            f"received {found.shape}"
        )
    if not np.isfinite(found).all():
        raise ValueError("latents: expected finite numbers, received NaN or infinity")
    return found


def _how(info: ModelInfo, how: dict[str, Any], seed: int = 0) -> dict[str, Any]:
    """The wishes that only some kinds of network have, checked; of diffusion its own seed among them."""
    architecture: Any = info.recipe.architecture
    diffusion = architecture.kind == "diffusion"
    known: dict[str, tuple[float, float]] = {}
    if diffusion:
        known = {"steps": (1, architecture.steps), "eta": (0, 1)}
    if diffusion or (architecture.kind == "vae" and info.recipe.conditional):
        known["guidance"] = (0, 20)
    for name, value in how.items():
        if name in known:
            _within(name, value, *known[name])
        elif name == "guidance":
            raise ValueError(
                f"guidance: expected only for diffusion and a VAE told classes, which {info.name} is not"
            )
        elif not diffusion:
            raise ValueError(f"{name}: expected only for diffusion, but {info.name} is a {architecture.kind}")
        elif name != "sampler" or value not in ("ddim", "ddpm"):
            raise ValueError(f"{name}: expected ddim or ddpm as sampler, received {value!r}")
    return how | {"seed": seed} if diffusion else how


def _seen(info: ModelInfo, images: Any) -> np.ndarray:
    """Examples as the network sees them: of files, of an array of whole numbers 0-255, or points."""
    shape = info.recipe.dataset.input_shape
    if isinstance(images, (list, tuple)) and images and isinstance(images[0], bytes):
        return np.stack([inference.prepare(inference.read(data), info) for data in images])
    found = np.asarray(images)
    if found.shape[1:] != shape or not 1 <= len(found) <= MOST:
        raise ValueError(
            f"images: expected files or an array (1 to {MOST:,}, {', '.join(map(str, shape))}), "
            f"received {found.shape}"
        )
    return found.astype("float32") / (255 if found.dtype.kind in "iu" else 1)
