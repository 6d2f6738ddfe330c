"""What somebody leaves behind: the rights an administrator gave, and the open work of a post (ADR-0027)."""
