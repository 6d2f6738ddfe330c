"""The calendar and the deadline rules as people see, change and follow them."""
