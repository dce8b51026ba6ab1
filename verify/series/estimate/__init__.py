"""From numbers to the setting at which the error is zero, with an interval."""
