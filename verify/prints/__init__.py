"""What the printer made of a chart: measured on a scan or with a ruler, kept, and used by later measurements."""
