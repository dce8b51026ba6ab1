"""What gets measured: from a photo of a chart to the focus offset.

from backfocus.verify import measure
print(measure("IMG_0001.JPG").offset_mm)
"""

from backfocus.verify.findings import Finding
from backfocus.verify.measurement import Measurement
from backfocus.verify.measuring import analyse, measure
from backfocus.verify.photo.metadata.camera_info import CameraInfo
from backfocus.verify.photo.opening import UnreadablePhotoError

__all__ = ["CameraInfo", "Finding", "Measurement", "UnreadablePhotoError", "analyse", "measure"]
