"""Whole lists as spreadsheets: asked for with a purpose, made by the worker, kept for a day for the asker alone."""
