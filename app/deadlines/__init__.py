"""Working-day deadlines: a pure engine over dates, without framework, database or clock."""
