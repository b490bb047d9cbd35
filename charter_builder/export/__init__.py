"""Everything that touches files and networks."""
