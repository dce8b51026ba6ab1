"""A file to a photo: pixels, tone, what its metadata tell."""
