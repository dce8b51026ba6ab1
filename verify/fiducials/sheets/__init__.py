"""Sheets in the photo: which markers lie on one, how it is folded, and where its page points are."""
