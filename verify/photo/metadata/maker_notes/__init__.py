"""What makers write about autofocus into notes of their own format, one module a maker."""
