"""What is known of makers, bodies and docks, and what to dial."""

from .dial import Suggestion, suggest
from .makers import Evidence, Maker, Step, makers
from .names import Found, find_makers, near_names

__all__ = ["Evidence", "Found", "Maker", "Step", "Suggestion", "find_makers", "makers", "near_names", "suggest"]
