"""A measurement for people: text and annotated photo."""
