"""From the file's codes to light: tone curves, colours, and decoders kept quiet."""
