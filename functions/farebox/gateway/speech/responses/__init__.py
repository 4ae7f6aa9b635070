"""OpenAI's Responses, as an upstream speaks them (https://platform.openai.com/docs/api-reference/responses).

They are passed on to who asks in them, and translated for nobody: whoever speaks them speaks chat completions as well.
Here they are read for the books alone.
"""
