"""What the designs are put together from."""
