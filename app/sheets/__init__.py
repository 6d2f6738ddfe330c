"""Spreadsheets in and out: safety checks, reading, templates, annotated returns, exports."""
