"""Words in any script: fonts, layout, and drawing on a page."""
