"""What gets measured: from a photo of a chart to the focus offset.

from backfocus.verify import measure
print(measure("IMG_0001.JPG").offset_mm)
"""

from backfocus.targets.errors import UnreadablePhotoError

from .findings import Finding
from .measure import analyse, measure
from .measurement import Measurement
from .photo.metadata import CameraInfo

__all__ = ["CameraInfo", "Finding", "Measurement", "UnreadablePhotoError", "analyse", "measure"]
