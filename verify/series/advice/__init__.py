"""From the estimated setting to what to do."""
