"""Which models: those that somebody may use, and those that may answer one request."""
