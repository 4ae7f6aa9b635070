"""Relaying a stream of server-sent events: splitting it into events, and looking inside as far as charging needs.

Pure: bytes in, bytes out. What it forwards, it forwards untouched.
"""
