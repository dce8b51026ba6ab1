"""What a printer made of a chart: checked, kept, applied."""
