"""How much one upload may hold, and the error that says so."""

from __future__ import annotations

MIN_IMAGES, MAX_IMAGES = 20, 1000
MIN_IN_CLASS = 5
MAX_CLASSES = MAX_IMAGES // MIN_IN_CLASS
MAX_CLASS_NAME = 40
"""Characters."""
MAX_TOTAL_MB = 200
"""Of all files together, as they are chosen and again as they come out of a zip."""
MAX_TOTAL_MEGAPIXELS = 3000
"""Of all images together. On one core a megapixel takes about 5 ms in a JPEG, 50 ms in a PNG."""
MAX_KEPT_MB = 64
"""Of what is kept of the images: 1,000 small ones, or 445 of 224×224 pixels in colour."""
MAX_ENTRIES = 20_000
"""Files in one zip, whatever they are."""


MIN_ROWS, MAX_ROWS = 20, 100_000
"""Of a table; of more rows the first are taken."""
MAX_INPUTS = 500
"""Numbers that a network sees of one row."""


class UploadError(RuntimeError):
    """An upload cannot be used; the message says in one line what happened, why, and what to do."""
