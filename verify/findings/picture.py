"""Findings about the picture as a file: whether it is what one exposure through the lens gave."""

from __future__ import annotations

from .kind import FindingKind, above


class PictureFindings:
    """What programs, or a broken transfer, have made of the picture."""

    UNREADABLE = FindingKind(
        "unreadable",
        "critical",
        "The file cannot be read as a photo",
        "It is missing, damaged, too large, or no photo of a kind that is read here.",
        "Copy the file from the camera again, and give it as the camera wrote it: RAW, JPEG, HEIC, AVIF, WebP, PNG "
        "or TIFF.",
    )
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
    PITCH_OUTVOTED = FindingKind(
        "pitch-outvoted",
        "info",
        "The pixel pitch in the file is not that of the picture",
        "Some bodies write a wrong one (EOS 5D Mark IV, 6D Mark II), and programs leave it as it was where they "
        "scale a picture. What is known of the body, and the perspective of the sheet, say otherwise.",
        "Nothing to do. If the body is another one than the file names, give --sensor-width.",
        on_page="Nothing to do.",
    )
    SENSOR_WIDTH_OPEN = FindingKind(
        "sensor-width-open",
        "warning",
        "How much of the sensor the picture shows is not certain",
        "The file does not tell whether the picture was scaled or cut, and the sheet's perspective fits both. "
        "Depth of field and line pairs a millimetre are reckoned with the likelier width.",
        "Measure the file as it comes from the camera, or give --sensor-width.",
        on_page="Send the file as the camera wrote it.",
    )
    DIGITAL_ZOOM = FindingKind(
        "digital-zoom",
        "warning",
        "The picture was taken with digital zoom",
        "The camera has enlarged the middle of the picture, which adds pixels but no detail. Depth of field and "
        "steps are reckoned with the part of the sensor that it shows.",
        "Switch digital zoom and teleconverter off.",
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
    PICTURE_OF_TWO = FindingKind(
        "picture-of-two",
        "critical",
        "The picture seems to be made of two shots",
        "Edges have a sharp core in a wide foot on both sides of focus, as where two shots that were focused apart "
        "are one picture: a double exposure, a stack, or focus that moved while the shutter was open. No plane of "
        "it is that of one shot. A lens that does so shows other errors as well, and is measured by its contrast.",
        "Switch multiple exposure and stacking off, let autofocus come to rest, and take the picture again.",
        limits=(
            above(
                0.18,
                "fourth cumulant of edges over blur⁴, beyond an ideal lens's, on both sides of focus",
                "52 photos of one shot have up to 0.11; double exposures focused a quarter of the depth of field "
                "and more apart mostly 0.19 to 0.6.",
            ),
        ),
    )
    JPEG_COLOURS = FindingKind(
        "jpeg-colours",
        "info",
        "The colours of a JPEG file lie closer together than those of the lens",
        "JPEG stores the differences of colours coarsely, and mostly at half resolution.",
        "For colours that can be trusted to the tenth of a millimetre, export the photo as TIFF.",
    )
