"""What must be done by a day, by whom, who was reminded of it and who above was told: each step once (ADR-0019)."""
