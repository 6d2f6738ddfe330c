"""Schemas: one description of what may be put in, serving the API, the forms and the documentation."""
