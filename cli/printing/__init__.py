"""Commands for what gets printed."""
