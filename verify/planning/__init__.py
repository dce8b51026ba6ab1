"""Before printing: which sheet, how far away, and how precise one shot will be."""
