"""Drawings of the set-up, and what is cut out or laid under the sheet, on the second page."""
