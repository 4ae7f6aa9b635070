"""The sandbox payment provider's pages."""
