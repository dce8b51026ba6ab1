"""From shots to numbers: shots that belong together, those that stand apart, mean and scatter."""
