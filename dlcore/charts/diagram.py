"""A network as a drawing: SVG text from the rows of its description, no libraries."""

from __future__ import annotations

from html import escape
from math import log2, sin

from dlcore.charts.graph_diagram import graph_diagram
from dlcore.charts.palette import ACCENT, NEGATIVE, NEUTRAL
from dlcore.layers import Shape, size
from dlcore.network import Network, Row

HEIGHT = 236
MIDDLE = 92
"""Where drawings are centred; the three lines of text are below."""
DOTS = 7
COLOURS = {
    "Conv2D": ACCENT,
    "Dense": ACCENT,
    "Conv2DTranspose": ACCENT,
    "SimpleRNN": ACCENT,
    "LSTM": ACCENT,
    "GRU": ACCENT,
    "Embedding": ACCENT,
    "MultiHeadAttention": ACCENT,
    "Residual": ACCENT,
    "MaxPooling2D": NEGATIVE,
    "AveragePooling2D": NEGATIVE,
}
WHAT = {
    "Input": "One example as it comes in",
    "Dense": "Every neuron sees all values before it",
    "Conv2D": "Small windows look for patterns everywhere in the picture",
    "MaxPooling2D": "Keeps the strongest value of every square",
    "AveragePooling2D": "Keeps the mean of every square",
    "GlobalAveragePooling2D": "One mean for every filter",
    "Flatten": "Lays all values out in one list",
    "Dropout": "Silences random values while training",
    "GaussianNoise": "Adds noise while training",
    "BatchNormalization": "Rescales values over the batch",
    "Activation": "Bends the values, so that layers add up to more than one",
    "LeakyReLU": "Lets positive values pass and shrinks negative ones",
    "Embedding": "A vector for each token or class, learned",
    "Positions": "Adds to each token's vector a vector of its place",
    "MultiHeadAttention": "Every token takes from the others what it finds there",
    "LayerNormalization": "Rescales each token's vector",
    "GlobalAveragePooling1D": "The mean over all steps",
    "AttentionPooling": "The mean over all steps, weighed by how much each matters",
    "Residual": "Two layers, to which time and class are added, with a residual connection",
    "RMSNormalization": "Rescales the values of every pixel",
    "Reshape": "Lays a list of values out as a small picture",
    "Conv2DTranspose": "Paints every value over a window: the picture becomes larger",
    "SimpleRNN": "Reads step by step; its memory is a sum of input and memory",
    "LSTM": "Reads step by step; three gates decide what it keeps",
    "GRU": "Reads step by step; two gates decide what it keeps",
    "UpSampling2D": "Makes a square of every pixel",
}
RECURRENT = ("SimpleRNN", "LSTM", "GRU")
"""Drawn unrolled in time: the same layer at every step, and what it remembers between them."""
UNROLLED = 150
PLAIN = ("Dropout", "GaussianNoise", "Activation", "LeakyReLU", "BatchNormalization", "Flatten", "Reshape")
"""Drawn as a bar: they look at no more than one value, or none."""
RANDOM = ("Dropout", "GaussianNoise")
"""Drawn dashed: they do something in training only."""
SHORT = {
    "GlobalAveragePooling2D": "GlobalAverage",
    "BatchNormalization": "BatchNorm",
    "AveragePooling2D": "AvgPooling",
    "MaxPooling2D": "MaxPooling",
    "Conv2DTranspose": "Conv2DTransp.",
    "RMSNormalization": "RMSNorm",
    "LayerNormalization": "LayerNorm",
    "MultiHeadAttention": "Attention",
    "GlobalAveragePooling1D": "Average",
    "AttentionPooling": "AttnPooling",
}


def diagram(network: Network) -> str:
    """An ``<svg>`` of the layers from left to right: drawing, name, shape, parameters.

    It shrinks to its box down to four fifths; below that the box is meant to scroll sideways.
    """
    if not network.chain:
        return graph_diagram(network)
    rows = [Row("input", "Input", network.input_shape, 0, 0), *network.rows()]
    largest = max(row.output_shape[0] if len(row.output_shape) == 3 else 1 for row in rows)
    layers = [None, *network.layers]
    layers += [None] * (len(rows) - len(layers))  # a U-Net's rows are no layers in a row
    parts, x = [], 0.0
    before: tuple[float, Shape, str] | None = None
    for row, layer in zip(rows, layers, strict=True):
        plain = row.type in PLAIN
        width = UNROLLED if row.type in RECURRENT else 84 if plain else 104
        middle = x + width / 2
        if before:
            parts.append(_link(before, (middle, row.output_shape, row.type)))
        about = f"{row.type}: {WHAT.get(row.type, row.name)}. Gives {size(row.output_shape)}"
        about += f", {row.parameters:,} parameters." if row.parameters else "."
        activation = getattr(layer, "activation", "") if row.type != "Activation" else ""
        parts.append(
            f"<g><title>{escape(about)}</title>"
            f'<rect x="{x:.0f}" y="0" width="{width}" height="{HEIGHT}" fill="transparent"/>'
            f"{_drawing(row, middle, largest, plain)}{_words(row, middle, activation)}</g>"
        )
        before = (middle, row.output_shape, row.type)
        x += width
    total = sum(row.parameters for row in rows)
    label = f"Network of {len(rows) - 1} layers with {total:,} parameters: " + ", ".join(
        f"{row.type} {size(row.output_shape)}" for row in rows
    )
    return (
        f'<svg role="img" aria-label="{escape(label)}" viewBox="0 0 {x:.0f} {HEIGHT}" '
        f'style="width:100%;max-width:{x:.0f}px;min-width:{x * 0.8:.0f}px" xmlns="http://www.w3.org/2000/svg" '
        f'font-family="inherit" fill="currentColor">{"".join(parts)}</svg>'
    )


def _dots(shape: Shape, kind: str = "Dense") -> list[float]:
    """Heights of the neurons that are drawn: all of them, or seven with a gap in the middle."""
    count = shape[0]
    if kind not in ("Dense", "Input"):  # a bar: lines leave it along its length
        return [MIDDLE + d for d in (-28, -14, 0, 14, 28)]
    shown = min(count, DOTS)
    gap = 20 if shown > 5 else 26
    return [MIDDLE + gap * (i - (shown - 1) / 2) for i in range(shown)]


def _link(before: tuple[float, Shape, str], after: tuple[float, Shape, str]) -> str:
    (x0, shape0, kind0), (x1, shape1, kind) = before, after
    if kind == "Dense" and len(shape0) == 1 and len(shape1) == 1:
        lines = "".join(
            f"M{x0 + (62 if kind0 in RECURRENT else 8):.0f} {y0:.0f}L{x1 - 8:.0f} {y1:.0f}"
            for y0 in _dots(shape0, kind0)
            for y1 in _dots(shape1)
        )
        return f'<path d="{lines}" stroke="{NEUTRAL}" stroke-opacity=".35" fill="none"/>'
    middle = (x0 + x1) / 2 + (2 if len(shape1) == 1 else 0)
    return (
        f'<path d="M{middle - 5:.0f} {MIDDLE - 5}l6 5l-6 5" stroke="{NEUTRAL}" fill="none" '
        'stroke-width="1.6"/>'
    )


def _drawing(row: Row, middle: float, largest: int, plain: bool) -> str:
    colour = COLOURS.get(row.type, NEUTRAL)
    if len(row.output_shape) == 3 and not plain:
        height, width, channels = row.output_shape
        sheets = 1 if channels == 1 else min(7, 2 + round(log2(channels)))
        scale = 58 / max(largest, 1)
        tall, wide = max(7, height * scale), max(7, width * scale)
        svg = ""
        for i in range(sheets):
            shift = 3 * ((sheets - 1) / 2 - i)
            svg += (
                f'<rect x="{middle - wide / 2 + shift:.1f}" y="{MIDDLE - tall / 2 - shift:.1f}" '
                f'width="{wide:.1f}" height="{tall:.1f}" rx="2" fill="{colour}" '
                f'fill-opacity="{0.18 + 0.5 * i / sheets:.2f}" stroke="{colour}"/>'
            )
        return svg
    if plain:
        return (
            f'<rect x="{middle - 9:.0f}" y="{MIDDLE - 34}" width="18" height="68" rx="9" '
            f'fill="{colour}" fill-opacity=".25" stroke="{colour}" '
            f'stroke-dasharray="{"4 3" if row.type in RANDOM else "none"}"/>'
        )
    if row.type in RECURRENT:
        return _unrolled(middle, colour)
    if len(row.output_shape) == 2:
        return _steps(middle, colour)
    heights = _dots(row.output_shape)
    hidden = row.output_shape[0] > DOTS
    svg = ""
    for i, y in enumerate(heights):
        if hidden and i == DOTS // 2:
            svg += "".join(
                f'<circle cx="{middle:.0f}" cy="{y + d}" r="1.8" fill="{colour}"/>' for d in (-6, 0, 6)
            )
        else:
            svg += f'<circle cx="{middle:.0f}" cy="{y:.0f}" r="7.5" fill="{colour}"/>'
    return svg


def _unrolled(middle: float, colour: str) -> str:
    """The layer at three steps of many: values come in from below, what it remembers goes to the right."""
    svg = ""
    for i, step in enumerate(("1", "2", "T")):
        x = middle + 46 * (i - 1)
        svg += (
            f'<rect x="{x - 14:.0f}" y="{MIDDLE - 16}" width="28" height="32" rx="6" fill="{colour}" '
            f'fill-opacity=".25" stroke="{colour}"/>'
            f'<path d="M{x:.0f} {MIDDLE + 38}v-16m-4 5l4 -5l4 5" stroke="{colour}" fill="none"/>'
            f'<text x="{x:.0f}" y="{MIDDLE + 50}" text-anchor="middle" font-size="11">x{_low(step)}</text>'
            f'<text x="{x:.0f}" y="{MIDDLE + 4}" text-anchor="middle" font-size="11">h{_low(step)}</text>'
        )
        if i < 2:
            dashes = ' stroke-dasharray="3 3"' if i else ""
            svg += (
                f'<path d="M{x + 14:.0f} {MIDDLE}h16m-5 -4l5 4l-5 4" stroke="{colour}" fill="none"{dashes}/>'
            )
    return svg


def _low(step: str) -> str:
    """An index of a symbol, below the line."""
    return f'<tspan dy="3" font-size="8">{step}</tspan>'


def _steps(middle: float, colour: str) -> str:
    """A series: a wave."""
    points = " ".join(f"{middle - 30 + 3 * i:.0f},{MIDDLE - 18 * sin(i / 2.2):.1f}" for i in range(21))
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.5"/>'


def _words(row: Row, middle: float, activation: str) -> str:
    name = SHORT.get(row.type, row.type)
    numbers = f"{row.parameters:,} params" if row.parameters else "\u00a0"
    lines = [
        (name, 188, 'font-weight="600" font-size="12.5"'),
        (size(row.output_shape), 205, 'font-size="12"'),
        (numbers, 221, 'font-size="11.5" opacity=".75"'),
    ]
    if activation and activation != "linear":
        lines.append((activation, 172, 'font-size="11" opacity=".75"'))
    return "".join(
        f'<text x="{middle:.0f}" y="{y}" text-anchor="middle" {style}>{escape(text)}</text>'
        for text, y, style in lines
    )
