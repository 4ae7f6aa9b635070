"""What the deployables share in speaking HTTP. Nothing here decides about money.

The packages, floor by floor. One imports the library and the floors below its own; those of one floor know nothing of
each other:

    admin   wallet   standalone    operators' routes; paying routes; everything on one port
    rest                           the management API's parts, on FastAPI
    dialects                       Anthropic's Messages and OpenAI's Responses
    chat   sandbox                 the data plane; the sandbox payment provider's pages
    asgi                           requests, errors, credentials, health, logs, starting and stopping

`asgi` and `chat` import neither FastAPI nor pydantic: the function `chat` would pay for them at its cold start.
"""
