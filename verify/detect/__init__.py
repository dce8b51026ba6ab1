"""The chart in a photo: markers, sheets, the sighting."""

__all__: list[str] = []
