"""What the focus curve is made of, and the least squares problem that one photo poses."""
