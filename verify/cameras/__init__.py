"""What is known of makers, bodies and docks, and what to dial."""
