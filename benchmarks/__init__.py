"""Measurements of the whole product, started as a user starts it."""
