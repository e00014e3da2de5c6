"""Files that leave the house, one format a module."""
