"""Commands for folders of photos."""
