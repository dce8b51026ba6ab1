"""Pictures that are more than one exposure through a lens, by what their metadata tell.

A mode that only chooses exposure and colours (SceneCaptureType "portrait") is no sign of it.
"""

from __future__ import annotations

from ..findings import Finding, Findings
from .tiff import ExifData

_MAKE, _SOFTWARE = 0x010F, 0x0131
_CUSTOM_RENDERED, _COMPOSITE_IMAGE = 0xA401, 0xA460
_COMPOSED = (2, 3)
"""CompositeImage in EXIF 2.32, section 4.6.6: a general composite, and one that was captured while shooting."""
_APPLE_HDR, _APPLE_PORTRAIT = (2, 3), (7, 8)
"""CustomRendered as Apple writes it (ExifTool's tag table); of others it tells nothing."""
_STACKERS = ("helicon focus", "zerene stacker")
_PORTRAIT_MARKS = {
    b"SpecialType-PORTRAIT": "portrait mode",
    b"PortraitRequest": "portrait mode",
    b"GDepth:BlurAtInfinity": "lens blur",
    b"GFocus:BlurAtInfinity": "lens blur",
}
"""In the XMP of Google's cameras. A depth map alone (GDepth) changes no pixel."""


def composite_findings(data: ExifData, xmp: bytes) -> tuple[Finding, ...]:
    """Return what is to be said of a picture that a program has put together; nothing for a plain one.

    Args:
        data: the picture's EXIF data.
        xmp: its XMP packet; may be empty.
    """
    rendered = next(iter(data.exif.values(_CUSTOM_RENDERED)), 0)
    software = data.first.text(_SOFTWARE).strip()[:80]
    is_apple = data.first.text(_MAKE).strip().lower() == "apple"
    mode = next((mode for mark, mode in _PORTRAIT_MARKS.items() if mark in xmp), None)
    if is_apple and rendered in _APPLE_PORTRAIT:
        mode = "portrait mode"
    elif software.lower().startswith(_STACKERS):
        mode = "focus stacking"
    if mode is not None:
        return (Findings.BLUR_BY_PROGRAM.finding(f"The metadata tell of {mode}: blur is not the lens's."),)
    if is_apple and rendered in _APPLE_HDR:
        return (Findings.PICTURE_COMPOSITE.finding("The metadata tell of HDR: several exposures in one picture."),)
    if next(iter(data.exif.values(_COMPOSITE_IMAGE)), 0) in _COMPOSED:
        return (Findings.PICTURE_COMPOSITE.finding(),)
    return ()
