"""The cadres: their files, how they are found, and how a roster becomes files and accounts."""
