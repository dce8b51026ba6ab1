"""Printed edges in a photo and the blur of each."""
