"""Photos for schemathesis, which holds the running API against its own description.

backfocus app --no-browser &
cd docs/studies; SCHEMATHESIS_HOOKS=described schemathesis run http://127.0.0.1:8472/api/v1/openapi.json --checks all

A description cannot say what a photo is, so that without these every file would be none.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import schemathesis
from hypothesis import strategies
from PIL import Image
from schemathesis.transport.serialization import Binary

SAMPLE = Path(__file__).parents[2] / "printed_samples" / "back-focus.jpg"


def photo() -> bytes:
    """Return a sample of a quarter of its pixels."""
    made = BytesIO()
    with Image.open(SAMPLE) as picture:
        half = picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.LANCZOS)
        half.save(made, "JPEG", quality=88, exif=picture.getexif())
    return made.getvalue()


PHOTO = photo()
"""Bytes behind a picture make another file of it, and the same photo."""
schemathesis.openapi.media_type("image/jpeg", strategies.binary(max_size=3).map(lambda more: PHOTO + more))
schemathesis.openapi.format("binary", strategies.binary(max_size=3).map(lambda more: Binary(PHOTO + more)))
