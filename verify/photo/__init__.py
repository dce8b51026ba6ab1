"""A file to a photo: pixels, tone, what its metadata tell."""

__all__: list[str] = []
