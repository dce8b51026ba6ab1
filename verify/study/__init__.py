"""Studies of accuracy: simulated shots with known truth, measured, and what came of them."""
