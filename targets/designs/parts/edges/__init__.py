"""Fields of printed edges, from which blur is measured."""
