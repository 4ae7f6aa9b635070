"""The identity provider of the embedded run: argon2id hashes, sessions and signed tokens in our own store."""
