"""Charts on paper: PDF, set-up page, preview, packs for workshops."""

from .pack import Pack, Participant, chart_ids, pack_pdf
from .pdf import geometry_json, pdf_bytes, preview_png

__all__ = ["Pack", "Participant", "chart_ids", "geometry_json", "pack_pdf", "pdf_bytes", "preview_png"]
