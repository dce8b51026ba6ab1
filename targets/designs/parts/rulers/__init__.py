"""Rulers with depth in mm."""
