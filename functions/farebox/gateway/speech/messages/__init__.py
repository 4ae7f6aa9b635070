"""Anthropic's Messages, as an upstream speaks them (https://docs.anthropic.com/en/api/messages)."""
