"""A payment provider of our own for the embedded run: no money moves, everything else is as real."""
