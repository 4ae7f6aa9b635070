"""One paid request from its hold to its last byte: admitted, sent, relayed, charged, replayed.

Knows no HTTP: what it answers are plain values, which `edge/chat` writes. `chat` imports all of it at its cold start,
so neither FastAPI nor pydantic is imported here, nor in anything below.
"""
