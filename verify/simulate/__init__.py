"""The virtual camera: photos of charts with known truth. Shares no geometry or blur code with the reader.

sheet = rasterise_pdf("chart.pdf")
shot = shoot(sheet, chart, SheetPose(tilt_deg=45, af_mark_distance_mm=1500), offset_mm=8.0)
shot.save("photo.jpg")

What real photos suffer from is off by default: fields of `Lens`, `Sensor`, `Exposure`, `Development`, a bent sheet
in `SheetPose`, a poor `Print`, and a `Cover` or `Glare` in front. `CAMERAS` has cameras ready made. A chart of
several panels is folded as it says, or by `SheetPose.fold_deg`.
"""

from .aberrations import Aberrations
from .painting import hand
from .scene import (
    CAMERAS,
    Camera,
    Cover,
    Development,
    ExifNames,
    Exposure,
    Glare,
    Lens,
    Print,
    Sensor,
    Shadow,
    SheetPose,
    Turn,
)
from .sheet import SheetRaster, rasterise_pdf
from .shoot import Truth, VirtualShot, shoot

__all__ = [
    "CAMERAS",
    "Aberrations",
    "Camera",
    "Cover",
    "Development",
    "ExifNames",
    "Exposure",
    "Glare",
    "Lens",
    "Print",
    "Sensor",
    "Shadow",
    "SheetPose",
    "SheetRaster",
    "Truth",
    "Turn",
    "VirtualShot",
    "hand",
    "rasterise_pdf",
    "shoot",
]
