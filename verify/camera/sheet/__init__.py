"""What is in front of the camera: the print, its shape and place, and the desk behind it."""
