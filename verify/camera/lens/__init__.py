"""How the lens sees: rays through every point of its aperture, averaged tile by tile."""
