"""A network with branches as a drawing: SVG text, layers in columns, branches in lanes, skips as arcs."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

from dlcore.charts.palette import ACCENT, NEGATIVE, NEUTRAL
from dlcore.layers import Shape, size
from dlcore.network import INPUT, Network, Row

COLUMN, LANE, WIDTH, HEIGHT = 104, 62, 86, 44
TOP = 62
"""The middle of the first lane; the arcs of skip connections are above it."""
ABSORBED = ("BatchNormalization", "Activation", "LeakyReLU", "Dropout")
"""Drawn together with the layer before them, as papers do."""
SHORT = {
    "LayerNormalization": "LayerNorm",
    "MultiHeadAttention": "Attention",
    "GlobalAveragePooling1D": "Global avg",
    "GlobalAveragePooling2D": "Global avg",
    "MaxPooling2D": "Max pooling",
    "AveragePooling2D": "Avg pooling",
}
MARKS = {"Add": "+", "Concatenate": "∥"}
COLOURS = {"MaxPooling2D": NEGATIVE, "AveragePooling2D": NEGATIVE, "Input": NEUTRAL}


@dataclass
class Box:
    """A layer with those drawn together with it."""

    place: int
    name: str
    type: str
    words: str
    shape: Shape
    parameters: int
    inputs: list[Box]
    column: int = 0
    lane: int = 0
    with_it: list[str] = field(default_factory=list)

    @property
    def middle(self) -> tuple[float, float]:
        return COLUMN * (self.column + 0.5), TOP + LANE * self.lane

    @property
    def half(self) -> float:
        """Half of its width: joins are small circles."""
        return 14 if self.type in MARKS else WIDTH / 2


def graph_diagram(network: Network) -> str:
    """An ``<svg>`` of the layers from left to right; what joins nothing new is drawn with its layer."""
    rows = network.rows()
    boxes = _boxes(network, rows)
    _arrange(boxes)
    width = COLUMN * (1 + max(box.column for box in boxes))
    height = TOP + LANE * max(box.lane for box in boxes) + 46
    links = "".join(_link(before, box, boxes) for box in boxes for before in box.inputs)
    total = sum(row.parameters for row in rows)
    skips = sum(row.type == "Add" for row in rows)
    joins = sum(row.type == "Concatenate" for row in rows)
    label = f"Network of {len(rows)} layers with {total:,} parameters"
    label += f", {skips} skip connections" if skips else ""
    label += f", {joins} modules of parallel branches" if joins else ""
    return (
        f'<svg role="img" aria-label="{escape(label)}" viewBox="0 0 {width} {height}" '
        f'style="width:100%;max-width:{width}px;min-width:{width * 0.8:.0f}px" '
        'xmlns="http://www.w3.org/2000/svg" font-family="inherit" fill="currentColor">'
        f"{links}{''.join(map(_drawn, boxes))}</svg>"
    )


def _boxes(network: Network, rows: list[Row]) -> list[Box]:
    """The boxes in the order of their layers."""
    used = [place for i in range(len(rows)) for place in network.inputs_of(i)]
    start = Box(INPUT, "input", "Input", "Input", network.input_shape, 0, [])
    holder, boxes = {INPUT: start}, [start]
    for i, (layer, row) in enumerate(zip(network.layers, rows, strict=True)):
        before = [holder[place] for place in network.inputs_of(i)]
        alone = used.count(network.inputs_of(i)[0]) == 1 and before[0] is not start
        if row.type in ABSORBED and alone:
            box = before[0]
            activation = getattr(layer, "activation", "")
            box.with_it.append(activation or row.type)
            box.parameters += row.parameters
        else:
            window = getattr(layer, "kernel_size", 0) or getattr(layer, "pool_size", 0)
            words = SHORT.get(row.type, row.type.removesuffix("2D").replace("Conv", "Conv "))
            words += f"{window}×{window}" if words == "Conv " else ""
            box = Box(i, row.name, row.type, words, row.output_shape, row.parameters, before)
            boxes.append(box)
        box.shape = row.output_shape
        holder[i] = box
    return boxes


def _arrange(boxes: list[Box]) -> None:
    """A box is one column after its last input, in that one's lane if no other has taken it on."""
    continued: set[int] = set()
    for box in boxes[1:]:
        box.column = 1 + max(before.column for before in box.inputs)
        source = min(box.inputs, key=lambda before: before.lane)
        if len(box.inputs) > 1 or source.place not in continued:
            box.lane = source.lane
            continued.update(before.place for before in box.inputs)
        else:
            siblings = [other.lane for other in boxes if source in other.inputs and other is not box]
            taken = [other.lane for other in boxes if other.column == box.column and other is not box]
            box.lane = 1 + max([*siblings, *taken, source.lane])


def _link(before: Box, after: Box, boxes: list[Box]) -> str:
    (x0, y0), (x1, y1) = before.middle, after.middle
    over = after.column - before.column > 1 and before.lane == after.lane
    if over and any(box.lane == after.lane and before.column < box.column < after.column for box in boxes):
        rise = y0 - HEIGHT / 2 - 26
        path = (
            f"M{x0:.0f} {y0 - HEIGHT / 2:.0f}C{x0:.0f} {rise:.0f} {x0 + 20:.0f} {rise:.0f} {x0 + 44:.0f} "
            f"{rise:.0f}L{x1 - 44:.0f} {rise:.0f}C{x1 - 10:.0f} {rise:.0f} {x1:.0f} {rise:.0f} "
            f"{x1:.0f} {y1 - 14:.0f}"
        )
        return f'<path d="{path}" stroke="{ACCENT}" stroke-width="2" fill="none"/>'
    start, end = x0 + before.half, x1 - after.half
    bend = (start + min(start + 18, end)) / 2 if y1 > y0 else (end + max(end - 18, start)) / 2
    path = f"M{start:.0f} {y0:.0f}" + (
        f"L{end:.0f} {y1:.0f}"
        if y0 == y1
        else f"C{bend:.0f} {y0:.0f} {bend:.0f} {y1:.0f} {bend + 6:.0f} {y1:.0f}L{end:.0f} {y1:.0f}"
        if y1 > y0
        else f"L{end - 12:.0f} {y0:.0f}C{end - 4:.0f} {y0:.0f} {end - 6:.0f} {y1 + 10:.0f} {end + 3:.0f} {y1 + 9:.0f}"
    )
    return f'<path d="{path}" stroke="{NEUTRAL}" stroke-width="1.5" fill="none"/>'


def _drawn(box: Box) -> str:
    x, y = box.middle
    about = f"{box.name}: {box.type}{''.join(f', {word}' for word in box.with_it)}. "
    about += f"Gives {size(box.shape)}" + (f", {box.parameters:,} params." if box.parameters else ".")
    if mark := MARKS.get(box.type):
        body = (
            f'<circle cx="{x:.0f}" cy="{y:.0f}" r="14" fill="{ACCENT}" fill-opacity=".15" stroke="{ACCENT}"/>'
            f'<text x="{x:.0f}" y="{y + 5:.0f}" text-anchor="middle" font-size="16">{mark}</text>'
            f'<text x="{x:.0f}" y="{y + 30:.0f}" text-anchor="middle" font-size="11" opacity=".75">'
            f"{size(box.shape)}</text>"
        )
    else:
        colour = COLOURS.get(box.type, ACCENT)
        body = (
            f'<rect x="{x - WIDTH / 2:.0f}" y="{y - HEIGHT / 2:.0f}" width="{WIDTH}" height="{HEIGHT}" rx="7" '
            f'fill="{colour}" fill-opacity=".15" stroke="{colour}"/>'
            f'<text x="{x:.0f}" y="{y - 3:.0f}" text-anchor="middle" font-weight="600" font-size="12">'
            f"{escape(box.words)}</text>"
            f'<text x="{x:.0f}" y="{y + 13:.0f}" text-anchor="middle" font-size="11.5">{size(box.shape)}</text>'
        )
    return f"<g><title>{escape(about)}</title>{body}</g>"
