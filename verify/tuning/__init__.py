"""From an offset to the dial: what is known about cameras, and a first suggestion."""
