"""Streams as models send them: one event after the other, each with the moment at which it was sent."""
