"""Measures of behaviour, by what they look at. Each takes the pasts and the rows wanted and gives columns by name."""
