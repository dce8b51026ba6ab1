"""x."""

ROUTES = []
