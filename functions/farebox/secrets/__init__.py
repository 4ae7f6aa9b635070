"""Secrets of the operator: where they come from, how they rotate, what is derived from them and sealed with them.

Owns the mark in the store of the key that its data was made with, and of who knows its people. No secret is logged or
stored unsealed. May import: the floor of `gateway` and below.
"""
