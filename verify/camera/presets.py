"""Ready-made cameras for studies."""

from __future__ import annotations

from dataclasses import dataclass

from backfocus.verify.camera.scene import ExifNames, Lens, Sensor


@dataclass(frozen=True)
class Camera:
    """A sensor with a lens that suits it.

    Attributes:
        distance_mm: where to put the AF mark, so that an A4 sheet fills a good part of the picture.
    """

    sensor: Sensor
    lens: Lens
    distance_mm: float
    names: ExifNames


CAMERAS = {
    "full-frame-24": Camera(
        Sensor(36.0, (6000, 4000)), Lens(85.0, 1.4), 1500.0, ExifNames("NIKON CORPORATION", "NIKON D750")
    ),
    "full-frame-45": Camera(
        Sensor(35.9, (8256, 5504), filter_sigma_px=0.45),
        Lens(85.0, 1.4),
        1500.0,
        ExifNames("NIKON CORPORATION", "NIKON D850"),
    ),
    "full-frame-61": Camera(
        Sensor(36.0, (9504, 6336), filter_sigma_px=0.45), Lens(85.0, 1.4), 1500.0, ExifNames("SONY", "ILCE-7RM4")
    ),
    "aps-c-24": Camera(
        Sensor(23.5, (6000, 4000)), Lens(50.0, 1.8), 1300.0, ExifNames("NIKON CORPORATION", "NIKON D7200")
    ),
    "phone-12": Camera(
        Sensor(7.6, (4032, 3024), filter_sigma_px=0.45),
        Lens(5.6, 1.8, aberration_um=0.8),
        400.0,
        ExifNames("samsung", "SM-G991B"),
    ),
}
"""By kind and megapixels. Sensors without a low-pass filter are blurred by demosaicing only. A phone's lens is
sharper in µm, as its pixels are small: its blur is that of the pixels and of diffraction."""
