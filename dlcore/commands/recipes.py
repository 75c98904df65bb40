"""Commands about a recipe alone: nothing is trained."""

from __future__ import annotations

from dlcore.commands.common import RECIPE, Options, argument, command, read_recipe, show


@command("list the architectures and their fields")
def architectures(options: Options) -> None:
    from dlcore.architectures import ARCHITECTURES

    for kind, architecture in ARCHITECTURES.items():
        fields = [name for name in architecture.model_fields if name != "kind"]
        about = {
            "kind": kind,
            "description": architecture.about(),
            "schema": architecture.model_json_schema(),
        }
        show(options, about, f"{kind:11} {architecture.about()}\n            {', '.join(fields)}")


@command("layers, shapes, parameters, FLOPs, memory", RECIPE)
def describe(options: Options) -> None:
    about = read_recipe(options.recipe).describe()
    lines = []
    for name, part in about.get("parts", {"layer": about}).items():
        lines.append(f"{name:26} {'output shape':>16} {'parameters':>12} {'FLOPs':>14}")
        for row in part["layers"]:
            shape = "×".join(map(str, row["output_shape"]))
            lines.append(f"{row['name']:26} {shape:>16} {row['parameters']:12,} {row['flops']:14,}")
    memory = about["memory"]
    lines.append(
        f"{about['parameters']:,} parameters, {about['flops']:,} FLOPs an example, "
        f"{memory['weights'] / 1e6:.2f} MB of weights, "
        f"{memory['activations'] / 1e6:.2f} MB of activations an example"
    )
    show(options, about, "\n".join(lines))


@command(
    "the recipe as Keras code", RECIPE, argument("--format", choices=["script", "notebook"], default="script")
)
def code(options: Options) -> None:
    from dlcore.export.codegen import notebook, script

    text = (script if options.format == "script" else notebook)(read_recipe(options.recipe))
    show(options, {"format": options.format, "code": text}, text.rstrip("\n"))
