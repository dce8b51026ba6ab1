"""Reports as one self-contained HTML page: for one photo, a series or a table of results."""
