"""Results as text, picture and page."""
