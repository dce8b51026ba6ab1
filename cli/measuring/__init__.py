"""Commands for single photos, and their report."""
