"""The record kit: what every kind of record has in common. A module declares; the kit performs."""
