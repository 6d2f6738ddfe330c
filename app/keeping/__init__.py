"""Keeping records: acts on them and on their photos, each with its right asked and its log entry written."""
