"""Counters instead of counts: kept by the database itself, folded by the worker, read exactly at any moment."""
