"""Who measures: processes on this machine, or on a cluster."""
