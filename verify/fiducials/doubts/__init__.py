"""What is amiss with a sheet or its light, and why no chart was found."""
