"""ArUco markers: found, their corners to a fraction of a pixel, and whether they are really seen."""
