"""OpenAI's Responses, as an upstream speaks them (https://platform.openai.com/docs/api-reference/responses).

They are passed on to who asks in them. Chats, and Messages by way of them, are written in them for upstreams that speak
nothing else, and what those answer is read as the chat completion that it means.
"""
