"""Plots as SVG that follows the page's colours: light, dark and in print."""
