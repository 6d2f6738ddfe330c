"""The goals of province scale as named benchmarks: the product beside its floor and beside the usual way."""
