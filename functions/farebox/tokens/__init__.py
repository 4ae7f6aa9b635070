"""Counting: tokens of text and media before they are sent, and what an upstream reports after.

Pure: a bound costs nothing; an exact count loads a vocabulary on first need, never at import.
"""
