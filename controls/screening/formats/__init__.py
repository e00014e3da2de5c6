"""Files of publishers, read into entries. One module a publisher; ``reading.read`` is the only door."""
