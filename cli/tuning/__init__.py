"""Commands from millimetres to the dial."""
