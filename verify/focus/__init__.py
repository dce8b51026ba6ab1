"""From edges to focus: blur along every printed edge, and the plane where it is least."""
