"""A sheet from a printer that fits to the page, and how well a scan of any sheet must tell its print."""

from __future__ import annotations

from backfocus.verify.simulate import Print
from backfocus.verify.simulate.scanner import PrintedPage

SCALE_LIMIT, SKEW_LIMIT_DEG = 0.001, 0.05
FITTED = PrintedPage(0.962, 0.9647, 0.12, Print(softness_mm=0.03, gain_mm=0.03))
"""Scales, skew in degrees, ink."""
