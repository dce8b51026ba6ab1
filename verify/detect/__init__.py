"""The chart in a photo: markers, sheets, the sighting."""
