"""Creem as a payment provider."""
