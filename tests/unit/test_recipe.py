"""A recipe survives JSON and links, has sensible defaults, and refuses what cannot be run, in words."""

from __future__ import annotations

import base64
import contextlib
import json
import random
import zlib
from collections.abc import Iterator
from itertools import cycle, islice, product
from typing import Any

import pytest

from dlcore.architectures import ARCHITECTURES
from dlcore.datasets import DATASETS
from dlcore.datasets.uploaded import Uploaded
from dlcore.recipe import MAX_LINK, Recipe, RecipeError, Training
from dlcore.uploads.limits import MAX_CLASSES

CUSTOM = [
    {"type": "Flatten"},
    {"type": "Dense", "units": 7, "activation": "tanh"},
    {"type": "BatchNormalization"},
    {"type": "Dropout", "rate": 0.1},
]
WHOLE = {
    "dataset": {"name": "digits", "validation_share": 0.2},
    "architecture": {
        "kind": "cnn",
        "blocks": [{"filters": 8, "kernel_size": 5, "convolutions": 2}],
        "pooling": "average",
        "dense": [],
        "dropout": 0.2,
        "batch_normalization": True,
        "l2": 0.001,
    },
    "training": {
        "optimizer": "momentum",
        "learning_rate": 0.0123456789,
        "augmentation": {"rotation": 10, "noise": 0.1},
        "seed": 7,
    },
}


def architecture(kind: str) -> dict:
    return {"kind": kind, "layers": CUSTOM} if kind == "custom" else {"kind": kind}


def possible(dataset: str, kind: str) -> bool:
    return not ARCHITECTURES[kind]().lacks(DATASETS[dataset]().problem)


COMPLETE = [name for name, kind in DATASETS.items() if not kind().missing]
"""Data sets that need nothing from the visitor first."""
PAIRS = [pair for pair in product(COMPLETE, ARCHITECTURES) if possible(*pair)]


@pytest.mark.parametrize(("dataset", "kind"), PAIRS)
def test_json_and_link_give_the_same_recipe_back(dataset, kind):
    recipe = Recipe.parse({"dataset": dataset, "architecture": architecture(kind)})
    assert (recipe.dataset.name, recipe.architecture.kind) == (dataset, kind)
    assert Recipe.parse(json.loads(recipe.model_dump_json())) == recipe
    assert Recipe.from_link(recipe.link()) == recipe


def test_every_value_survives_json_and_link():
    recipe = Recipe.parse(WHOLE)
    assert recipe.dataset.validation_share == 0.2
    assert recipe.architecture.blocks[0].kernel_size == 5
    assert recipe.training.augmentation.rotation == 10
    assert Recipe.parse(json.loads(recipe.model_dump_json())) == recipe
    assert Recipe.from_link(recipe.link()) == recipe


def sample(schema: dict, rng: random.Random, definitions: dict) -> Any:
    """A random value of a JSON schema; often one at the end of its range."""
    if "$ref" in schema:
        return sample(definitions[schema["$ref"].rsplit("/", 1)[-1]], rng, definitions)
    if options := schema.get("oneOf") or schema.get("anyOf"):
        return sample(rng.choice(options), rng, definitions)
    if "const" in schema or "enum" in schema:
        return rng.choice(schema.get("enum", [schema.get("const")]))
    kind = schema["type"]
    if kind == "object":
        fields = schema["properties"].items()
        kept = [(name, field) for name, field in fields if "const" in field or rng.random() < 0.8]
        return {name: sample(field, rng, definitions) for name, field in kept}
    if kind == "array":
        most = min(schema.get("maxItems", 3), schema.get("minItems", 0) + rng.choice([1, 3, 300]))
        items = schema.get("prefixItems") or [schema["items"]] * rng.randint(schema.get("minItems", 0), most)
        return [sample(item, rng, definitions) for item in items]
    if kind == "boolean":
        return rng.random() < 0.5
    if kind == "string":
        letters = "0123456789abcdef" if "pattern" in schema else 'aZ 0é\u4e2d😀"\\<$'
        return "".join(rng.choices(letters, k=16))
    low, high = schema.get("minimum", 0), schema.get("maximum", 100)
    if kind == "integer":
        return rng.choice([low, high, rng.randint(low, high)])
    return rng.choice([low, high, rng.uniform(low, high), round(rng.uniform(low, high), 2)])


def random_recipes(count: int) -> Iterator[Recipe]:
    """Recipes that can be run, of every data set and architecture in turn."""
    rng = random.Random(0)
    schemas = {
        model: model.model_json_schema() for model in (*DATASETS.values(), *ARCHITECTURES.values(), Training)
    }

    def drawn(model: type) -> Any:
        return sample(schemas[model], rng, schemas[model].get("$defs", {}))

    pairs = [pair for pair in product(DATASETS, ARCHITECTURES) if possible(*pair)]
    for dataset, kind in islice(cycle(pairs), count):
        for _ in range(50):  # some values do not go together
            data = {"dataset": drawn(DATASETS[dataset]), "architecture": drawn(ARCHITECTURES[kind])}
            with contextlib.suppress(RecipeError):
                yield Recipe.parse(data | {"training": drawn(Training)})
                break


def test_a_link_and_json_are_the_identity():
    datasets, kinds = set(), set()
    for recipe in random_recipes(400):
        datasets.add(recipe.dataset.name)
        kinds.add(recipe.architecture.kind)
        for back in (Recipe.from_link(recipe.link()), Recipe.parse(json.loads(recipe.model_dump_json()))):
            assert back == recipe
            assert (back.hash, back.link()) == (recipe.hash, recipe.link())
    assert datasets >= set(COMPLETE) and kinds == set(ARCHITECTURES)


def test_a_usual_value_stays_where_a_network_suggests_another():
    said = Recipe.parse({"dataset": {"name": "moons", "examples": 1000}, "architecture": {"kind": "gan"}})
    assert (
        said.dataset.examples == 1000 != Recipe.parse(said.model_dump(exclude={"dataset"})).dataset.examples
    )
    back = Recipe.from_link(said.link())
    assert (back, back.hash) == (said, said.hash)


def test_a_link_holds_as_many_classes_as_there_may_be():
    letters = random.Random(1)
    names = tuple(
        "".join(chr(letters.randint(0x4E00, 0x9FFF)) for _ in range(40)) for _ in range(MAX_CLASSES)
    )
    data = Uploaded(id="0" * 16, examples=1000, classes=names)
    recipe = Recipe.parse({"dataset": data.model_dump()})
    assert Recipe.from_link(recipe.link()) == recipe


def test_a_link_needs_no_escaping_and_is_short():
    link = Recipe.parse(WHOLE).link()
    assert set(link) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert len(link) < 1000


def test_a_link_of_the_largest_network_can_be_read():
    layers = [{"type": "Flatten"}, *({"type": "Dense", "units": 100 + i} for i in range(39))]
    recipe = Recipe.parse({"dataset": "mnist", "architecture": {"kind": "custom", "layers": layers}})
    assert Recipe.from_link(recipe.link()) == recipe


def test_a_link_names_usual_values_too_so_that_it_outlives_a_change_of_defaults():
    packed = base64.urlsafe_b64decode(Recipe.parse({}).link() + "===")
    written = json.loads(zlib.decompress(packed))
    assert written["training"]["learning_rate"] == Recipe.parse({}).training.learning_rate
    assert written["architecture"]["hidden"]


def reordered(value):
    if isinstance(value, dict):
        return {key: reordered(value[key]) for key in reversed(value)}
    return value


def test_the_hash_does_not_depend_on_the_order_of_keys():
    assert Recipe.parse(reordered(WHOLE)).hash == Recipe.parse(WHOLE).hash


def test_the_hash_does_not_depend_on_whether_defaults_are_written_out():
    short = Recipe.parse({"dataset": "spiral"})
    assert Recipe.parse(short.model_dump(mode="json")).hash == short.hash
    assert Recipe.parse({"dataset": {"name": "spiral"}}).hash == short.hash


@pytest.mark.parametrize(
    "change",
    [
        {"dataset": {"name": "digits", "validation_share": 0.25}},
        {"training": {"seed": 8}},
        {"architecture": {"kind": "cnn", "dropout": 0.25}},
    ],
)
def test_the_hash_depends_on_every_part(change):
    assert Recipe.parse(WHOLE | change).hash != Recipe.parse(WHOLE).hash


@pytest.mark.parametrize("name", COMPLETE)
def test_defaults_follow_from_the_data_set(name):
    recipe = Recipe.parse({"dataset": name})
    assert recipe.dataset == DATASETS[name]()
    assert recipe.architecture.kind == DATASETS[name].usual_architecture
    assert recipe.training.epochs == DATASETS[name].suggested_epochs


def test_what_the_recipe_says_wins_over_the_defaults():
    recipe = Recipe.parse({"dataset": "digits", "architecture": {"kind": "mlp"}, "training": {"epochs": 3}})
    assert (recipe.architecture.kind, recipe.training.epochs) == ("mlp", 3)


def test_an_empty_recipe_is_one():
    assert Recipe.parse({}).dataset.name == "spiral"


def layers(*stack: dict) -> dict:
    return {"dataset": "digits", "architecture": {"kind": "custom", "layers": list(stack)}}


REFUSED = {
    "unknown part": ({"datset": "spiral"}, "datset", "spiral"),
    "unknown field": ({"training": {"epoch": 3}}, "training.epoch", "3"),
    "unknown field of a data set": ({"dataset": {"name": "moons", "radius": 2}}, "dataset.radius", "2"),
    "unknown field of an architecture": (
        {"architecture": {"kind": "mlp", "width": 32}},
        "architecture.width",
        "32",
    ),
    "unknown field of a layer": (
        layers({"type": "Flatten"}, {"type": "Dense", "filters": 3}),
        "architecture.layers.1.filters",
        "3",
    ),
    "too large": ({"training": {"epochs": 501}}, "training.epochs", "501"),
    "too small": ({"training": {"learning_rate": 0}}, "training.learning_rate", "0"),
    "too wide": (
        {"architecture": {"kind": "mlp", "hidden": [{}, {"units": 9999}]}},
        "architecture.hidden.1.units",
        "9999",
    ),
    "layer out of range": (
        layers({"type": "Conv2D", "kernel_size": 99}),
        "architecture.layers.0.kernel_size",
        "99",
    ),
    "augmentation out of range": (
        {"dataset": "digits", "training": {"augmentation": {"rotation": 90}}},
        "training.augmentation.rotation",
        "90",
    ),
    "too many layers": (
        layers({"type": "Flatten"}, *[{"type": "Dense"}] * 40),
        "architecture.layers",
        "Flatten",
    ),
    "no hidden layer": ({"architecture": {"kind": "mlp", "hidden": []}}, "architecture.hidden", "[]"),
    "words for a number": ({"training": {"epochs": "many"}}, "training.epochs", "'many'"),
    "half a number": ({"training": {"batch_size": 2.5}}, "training.batch_size", "2.5"),
    "nothing": ({"training": {"seed": None}}, "training.seed", "None"),
    "a list for a part": ({"training": [1]}, "training", "[1]"),
    "a number for a data set": ({"dataset": 5}, "dataset", "5"),
    "unknown word": ({"training": {"optimizer": "adamm"}}, "training.optimizer", "'adamm'"),
    "unknown data set": ({"dataset": "spirals"}, "dataset.name", "'spirals'"),
    "unnamed data set": ({"dataset": {"noise": 0}}, "dataset.name", "{'noise': 0}"),
    "a list for a name": ({"dataset": {"name": []}}, "dataset.name", "[]"),
    "unknown kind": ({"architecture": {"kind": "mpl"}}, "architecture.kind", "'mpl'"),
    "no kind": ({"architecture": {"hidden": []}}, "architecture.kind", "{'hidden': []}"),
    "unknown layer": (layers({"type": "Conv3D"}), "architecture.layers.0.type", "'Conv3D'"),
    "NaN": ({"training": {"learning_rate": float("nan")}}, "training.learning_rate", "nan"),
    "infinity": ({"dataset": {"name": "xor", "noise": float("inf")}}, "dataset.noise", "inf"),
    "pictures' changes on points": (
        {"dataset": "circles", "training": {"augmentation": {"flip": True}}},
        "training.augmentation",
        "flip",
    ),
    "over a billion parameters": (
        layers(
            *[{"type": "Conv2D", "filters": 1024, "kernel_size": 11, "padding": "same"}] * 10,
            {"type": "Flatten"},
        ),
        "architecture",
        "1,1",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_name_the_field_what_was_expected_and_what_was_received(case):
    data, field, received = REFUSED[case]
    with pytest.raises(RecipeError) as refused:
        Recipe.parse(data)
    assert [problem.field for problem in refused.value.problems] == [field]
    line = str(refused.value)
    assert line.startswith(f"{field}: expected ") and "\n" not in line
    assert received in line[line.index(" received ") :]


@pytest.mark.parametrize("data", [None, 3, "spiral", [], [{"dataset": "spiral"}], True])
def test_what_is_no_object_is_refused(data):
    with pytest.raises(RecipeError, match=r"^recipe: expected a JSON object, received "):
        Recipe.parse(data)


def test_every_problem_is_told_at_once():
    with pytest.raises(RecipeError) as refused:
        Recipe.parse({"dataset": "spirals", "training": {"epochs": 0, "sed": 1}})
    fields = {problem.field for problem in refused.value.problems}
    assert fields == {"dataset.name", "training.epochs", "training.sed"}


@pytest.mark.parametrize(
    ("stack", "field", "reason"),
    [
        ([{"type": "Flatten"}, {"type": "Conv2D"}], "architecture.layers.1", "needs an image"),
        ([{"type": "MaxPooling2D", "pool_size": 8}] * 2, "architecture.layers.1", "8×8 window"),
        ([{"type": "Dense"}], "architecture.layers.0", "put Flatten"),
        ([{"type": "Conv2D"}], "architecture.layers (output layer)", "put Flatten"),
        ([], "architecture.layers (output layer)", "put Flatten"),
    ],
)
def test_an_impossible_layer_is_named(stack, field, reason):
    with pytest.raises(RecipeError) as refused:
        Recipe.parse(layers(*stack))
    (problem,) = refused.value.problems
    assert problem.field == field and reason in problem.message


def test_a_family_that_cannot_take_the_data_says_what_it_needs_and_which_can():
    words = r"^architecture: cnn expected a data set of images, received moons \(points\); use mlp$"
    with pytest.raises(RecipeError, match=words):
        Recipe.parse({"dataset": "moons", "architecture": {"kind": "cnn"}})


def test_limits_are_those_of_the_settings(monkeypatch):
    wide = {"architecture": {"kind": "mlp", "hidden": [{"units": 100}]}}  # 2·100+100 + 100+1
    monkeypatch.setenv("DLCORE_MAX_PARAMETERS", "401")
    assert Recipe.parse(wide).network.describe()["parameters"] == 401
    monkeypatch.setenv("DLCORE_MAX_PARAMETERS", "400")
    with pytest.raises(RecipeError, match="expected at most 400 parameters, received 401"):
        Recipe.parse(wide)
    monkeypatch.setenv("DLCORE_MAX_EPOCHS", "4")
    with pytest.raises(RecipeError, match=r"training.epochs: expected at most 4, received 5"):
        Recipe.parse({"training": {"epochs": 5}})


def packed(text: str) -> str:
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode()


GOOD = Recipe.parse(WHOLE).link()
BROKEN = {
    "empty": "",
    "not base64": "!!!§§§",
    "not deflated": base64.urlsafe_b64encode(b"plain text").decode(),
    "cut off": GOOD[: len(GOOD) // 2],
    "one character changed": GOOD[:40] + ("A" if GOOD[40] != "A" else "B") + GOOD[41:],
    "no JSON": packed("{"),
    "longer than any recipe": "A" * (MAX_LINK + 1),
    "zip bomb": packed('{"dataset": "' + "x" * 10_000_000 + '"}'),
    "nested without end": packed("[" * 100_000),
    "huge number": packed('{"training": {"seed": ' + "9" * 10_000 + "}}"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_links_are_refused(case):
    with pytest.raises(RecipeError, match=r"^link: expected a link made by this app, received "):
        Recipe.from_link(BROKEN[case])


def test_the_zip_bomb_is_short_enough_to_be_unpacked_at_all():
    """Else the test above would prove only that long links are refused."""
    assert len(BROKEN["zip bomb"]) <= MAX_LINK and len(BROKEN["nested without end"]) <= MAX_LINK


def test_a_sound_link_with_a_wrong_recipe_is_refused_by_its_field():
    with pytest.raises(RecipeError, match=r"training.epochs: expected .*, received 0"):
        Recipe.from_link(packed('{"training": {"epochs": 0}}'))
    with pytest.raises(RecipeError, match=r"recipe: expected a JSON object"):
        Recipe.from_link(packed("[]"))


HUGE = "x\n" * 100_000


@pytest.mark.parametrize(
    "data",
    [
        {"training": {"optimizer": HUGE}},
        {HUGE: 1},
        {"training": {HUGE: 1}},
        {"dataset": {"name": "moons", HUGE: 1}},
        {"dataset": HUGE},
        {"architecture": {"kind": HUGE}},
        layers({"type": HUGE}),
        layers({"type": "Flatten", HUGE: 1}),
    ],
)
def test_a_refusal_of_a_huge_name_or_value_stays_one_short_line(data):
    with pytest.raises(RecipeError) as refused:
        Recipe.parse(data)
    assert len(str(refused.value)) < 400 and "\n" not in str(refused.value)


def test_a_refusal_of_many_names_tells_the_first_and_how_many_there_are():
    with pytest.raises(RecipeError) as refused:
        Recipe.parse({f"field {i}": i for i in range(10_000)})
    assert len(refused.value.problems) == 10_000
    assert len(str(refused.value)) < 1000 and str(refused.value).endswith("and 9,990 more problems")


@pytest.mark.parametrize("kind", ["vae", "gan", "diffusion"])
@pytest.mark.parametrize("dataset", ["spiral", "digits", "mnist"])
def test_a_generative_network_brings_its_training_settings(dataset, kind):
    recipe = Recipe.parse({"dataset": dataset, "architecture": {"kind": kind}})
    for name, value in ARCHITECTURES[kind].suggested(recipe.dataset).items():
        assert getattr(recipe.training, name) == value
    chosen = {"dataset": dataset, "architecture": {"kind": kind}, "training": {"epochs": 7}}
    assert Recipe.parse(chosen).training.epochs == 7


@pytest.mark.parametrize("examples", [20, 60, 300, 1000])
@pytest.mark.parametrize("kind", ["vae", "gan", "diffusion"])
def test_few_images_make_as_many_steps_as_the_embedded_digits(kind, examples):
    fields = {"kind": kind, "conditional": True}
    dataset = Uploaded(id="0" * 16, examples=examples)
    given = {"dataset": dataset.model_dump(), "architecture": fields}
    recipe = Recipe.parse(given)
    batch, count = recipe.training.batch_size, dataset.training_examples
    assert batch == 8 or 8 < batch <= count / 4
    assert 1000 <= recipe.training.epochs * -(-count // batch) <= 2600
    assert recipe.training.epochs <= 500
    said = Recipe.parse(given | {"training": {"epochs": 3, "batch_size": 5}}).training
    assert (said.epochs, said.batch_size) == (3, 5)


def test_a_gan_of_points_has_more_of_them_unless_said():
    gan = {"dataset": "moons", "architecture": {"kind": "gan"}}
    assert Recipe.parse(gan).dataset.examples > Recipe.parse({"dataset": "moons"}).dataset.examples
    said = Recipe.parse(gan | {"dataset": {"name": "moons", "examples": 300}})
    assert said.dataset.examples == 300
    assert Recipe.from_link(said.link()) == said


@pytest.mark.parametrize("dataset", ["digits", "mnist", "cifar10", "ring"])
@pytest.mark.parametrize("kind", ["vae", "gan", "diffusion"])
def test_the_widest_generative_network_can_be_described(dataset, kind):
    for form in ("convolutional", "dense") if kind == "vae" else (None,):
        fields = {"kind": kind, "width": 128} | ({"form": form} if form else {})
        description = Recipe.parse({"dataset": dataset, "architecture": fields}).describe()
        assert description["parameters"] > 10_000


@pytest.mark.parametrize("kind", ["vae", "gan", "diffusion"])
def test_parts_count_together_against_the_limit(kind, monkeypatch):
    data = {"dataset": "digits", "architecture": {"kind": kind}}
    total = Recipe.parse(data).describe()["parameters"]
    monkeypatch.setenv("DLCORE_MAX_PARAMETERS", str(total - 1))
    with pytest.raises(RecipeError, match=f"received {total:,}"):
        Recipe.parse(data)


@pytest.mark.parametrize(
    ("kind", "training", "field"),
    [
        ("gan", {"early_stopping": True}, "training.early_stopping"),
        ("gan", {"schedule": "reduce on plateau"}, "training.schedule"),
        ("vae", {"augmentation": {"rotation": 5}}, "training.augmentation"),
    ],
)
def test_settings_that_make_no_sense_for_a_generative_network_are_refused(kind, training, field):
    with pytest.raises(RecipeError) as refusal:
        Recipe.parse({"dataset": "digits", "architecture": {"kind": kind}, "training": training})
    assert [problem.field for problem in refusal.value.problems] == [field]
