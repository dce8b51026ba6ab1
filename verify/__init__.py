"""What gets measured: from a photo of a chart to the focus offset."""
