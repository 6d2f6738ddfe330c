"""The demonstration province: real divisions, synthetic people and records, always the same structure."""
