"""What gets measured: from a photo of a chart to the focus offset.

from backfocus.verify import measure
print(measure("IMG_0001.JPG").offset_mm)
"""

from backfocus.targets.errors import UnreadablePhotoError, UserError

from .answer import Answer
from .findings import Finding
from .measure import Analysis, analyse, measure
from .measurement import Measurement, unreadable
from .photo.metadata import CameraInfo

__all__ = [
    "Analysis",
    "Answer",
    "CameraInfo",
    "Finding",
    "Measurement",
    "UnreadablePhotoError",
    "UserError",
    "analyse",
    "measure",
    "unreadable",
]
