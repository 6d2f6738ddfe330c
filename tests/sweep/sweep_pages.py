"""The pages' part of the route file; the same columns as in `sweep_routes`."""

PAGES = """
GET    /login                                             | public                | both   | -
POST   /login                                             | public                | both   | -
POST   /logout                                            | before change         | both   | -
GET    /password                                          | before change         | both   | -
POST   /password                                          | before change         | both   | -
GET    /m/                                                | signed in             | mobile | -
GET    /m/home                                            | signed in             | mobile | -
"""
