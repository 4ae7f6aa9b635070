"""Anthropic's Messages, translated to and from chat completions."""
