"""Fits: the pose of the sheet, the plane of focus, its interval."""

__all__: list[str] = []
