"""Colours: one accent, orange and blue for negative and positive, and one palette for classes."""

NEGATIVE = "#f59322"  # TensorFlow Playground's
POSITIVE = "#0877bd"
ACCENT = POSITIVE
NEUTRAL = "#8a949b"

CLASSES = (
    *("#f59322", "#0877bd", "#009e73", "#cc79a7", "#6a5acd"),
    *("#56b4e9", "#8c6d1f", "#d55e00", "#5f6b73", "#b3b000"),
)
"""Okabe and Ito's colours, which colour-blind people can tell apart, and three more of that kind."""
