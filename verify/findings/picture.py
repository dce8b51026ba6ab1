"""Findings about the picture as a file: whether it is what one exposure through the lens gave."""

from __future__ import annotations

from .kind import FindingKind, above


class PictureFindings:
    """What programs, or a broken transfer, have made of the picture."""

    PHOTO_RESIZED = FindingKind(
        "photo-resized",
        "warning",
        "Not the picture that the camera took",
        "A program has cropped or scaled it, which changes the blur; a crop also makes the sensor seem larger "
        "than the part that is shown.",
        "Measure the file as it comes from the camera.",
        limits=(
            above(
                0.03,
                "change of the size that the camera wrote",
                "A picture that was only turned or trimmed by a few rows stays within it.",
            ),
        ),
    )
    PICTURE_DAMAGED = FindingKind(
        "picture-damaged",
        "critical",
        "The picture is damaged",
        "Rows of it are displaced, repeated or lost, as by a broken copy or a card that fails: edges are then "
        "not where the lens put them.",
        "Copy the file from the card again, and try another card or reader if it looks the same.",
    )
    PICTURE_COMPOSITE = FindingKind(
        "picture-composite",
        "warning",
        "The picture is put together from several exposures",
        "Its metadata say so: HDR, night mode and the like join exposures that differ in light and in the "
        "camera's place, which blurs edges by what is no defocus.",
        "Switch HDR and night mode off, or save RAW files.",
    )
    BLUR_BY_PROGRAM = FindingKind(
        "blur-by-program",
        "critical",
        "A program has made or removed blur",
        "The metadata tell of portrait mode, a depth effect or focus stacking: what is sharp in the picture is not "
        "where the lens was focused.",
        "Switch the mode off and take the picture again, or measure the original that the camera has kept.",
    )
    JPEG_COLOURS = FindingKind(
        "jpeg-colours",
        "info",
        "The colours of a JPEG file lie closer together than those of the lens",
        "JPEG stores the differences of colours coarsely, and mostly at half resolution.",
        "For colours that can be trusted to the tenth of a millimetre, export the photo as TIFF.",
    )
