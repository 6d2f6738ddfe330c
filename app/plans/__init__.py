"""Changes of the tree ordered for a day to come, and what makes them take effect."""
