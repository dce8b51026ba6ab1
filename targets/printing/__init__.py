"""Charts on paper: PDF, set-up page, preview, packs for workshops."""
