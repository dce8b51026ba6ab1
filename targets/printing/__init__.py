"""Chart description to paper: the PDF pages and the geometry file."""
