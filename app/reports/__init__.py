"""What is read off the records: why a date is due, what is owed, how timely each level is."""
