"""Creem as a payment provider: `provider` calls it, `events` translates what it sends."""
