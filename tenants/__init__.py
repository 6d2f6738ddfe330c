"""The tenants of Yinling: units, who sees what, and the keys and clock everything stands on.

A unit (单位) is one tenant: a bureau of retired cadres of a province, city or county,
a township, a unit directly under one of them, or a subordinate unit below those. Units
form one tree with a single root, the province; each has a kind, a free-text name, a
unique code and dates of validity. Every row that belongs to people or their work carries
the unit that manages it, and what an account may see is decided by its place in this
tree. This package imports nothing else of the project.
"""
