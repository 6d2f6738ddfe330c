"""Splitting a unit: above what it concerns, people, records, and what is owed about them."""
