"""Camera, lens and exposure, from EXIF data and makers' notes."""
