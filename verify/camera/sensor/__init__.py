"""From the light behind the lens to a file."""
