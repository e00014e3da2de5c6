"""Statements of banks and custodians: read, kept, matched with the books, signed off."""
