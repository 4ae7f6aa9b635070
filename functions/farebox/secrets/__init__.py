"""Secrets of the operator's: where they come from, how they rotate, what is sealed with them."""
