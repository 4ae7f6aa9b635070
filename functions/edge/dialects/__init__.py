"""Anthropic's Messages, OpenAI's Responses and its legacy completions over HTTP, on top of `edge/chat`.

Owns their routes and their error bodies; the translation is `farebox/dialects`'. A request of theirs is paid for as any
chat completion. May import: `chat`, `asgi`.
"""
