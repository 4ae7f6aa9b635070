"""SQLite as the engine: WAL, one writer, and writes that share a commit."""
