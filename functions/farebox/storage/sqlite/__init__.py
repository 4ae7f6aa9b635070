"""SQLite as the engine: WAL, one writer, and writes that share a commit. `engine` is its face."""
