"""Statements against the books: passes match what is certain by itself, the rest is ranked for people to decide."""
