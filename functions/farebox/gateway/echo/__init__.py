"""The built-in upstream: answers in this process, without a socket or a model, so that a fresh checkout works.

`transport` is its face. Replies and token counts are the same every time.
"""
