"""A picture of the chart's page, for a look at it before it is printed."""

from __future__ import annotations

import io


def preview_png(pdf: bytes, dpi: float) -> bytes:
    """Return page 1 of a PDF as a grey PNG picture; the same PDF always gives the same bytes."""
    import pypdfium2

    buffer = io.BytesIO()
    document = pypdfium2.PdfDocument(pdf)
    picture = document[0].render(scale=dpi / 72.0, grayscale=True).to_pil()
    picture.save(buffer, "PNG", optimize=True, dpi=(dpi, dpi))
    return buffer.getvalue()
