"""Firestore's protocol, version 1: the messages that Farebox sends and reads, as `firestore.proto` has them.

Google's own Python package wraps each message once more and brings a client that takes as long again for each call as
the call itself, and 0.4 s of processor time to import. On the wire these are the same: a test holds each field to it.
`scripts/update_firestore_protocol.sh` compiles the file anew.
"""
