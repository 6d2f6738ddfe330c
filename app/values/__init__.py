"""Values of a cadre file: ID numbers, imprecise dates, code sets, names and free text."""
