"""A province at full size, invented from a seed: its plan, its rows, and two ways to load them."""
