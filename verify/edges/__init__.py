"""Straight edges in the photo: sampling of original pixels and the fit of edge spread functions."""
