"""Packs for workshops: numbered charts, each with its own id and its participant's name, and a cover sheet."""
