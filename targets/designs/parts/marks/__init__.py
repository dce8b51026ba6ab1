"""What autofocus aims at."""
