"""Anthropic's Messages and OpenAI's Responses over HTTP, on top of `edge/chat`."""
