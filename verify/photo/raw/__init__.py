"""RAW files: telling them from pictures, developing them without embellishment, and their metadata."""
