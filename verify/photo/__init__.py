"""The photo as the reader needs it: linear light, original pixels, metadata."""
