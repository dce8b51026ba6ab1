"""Results that were kept: on disk, listed by lens, compared with new ones."""
