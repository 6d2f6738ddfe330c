"""Trials on scale data: each works the product's own routes, prints what it saw, and says whether it held."""
