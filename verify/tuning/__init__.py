"""Many shots to one setting; plans before printing."""
