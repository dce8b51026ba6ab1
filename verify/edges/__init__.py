"""Printed edges in a photo and the blur of each."""

__all__: list[str] = []
