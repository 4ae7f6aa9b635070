"""HTTP on Starlette alone: requests, errors, credentials, health, access log, starting and stopping of every edge.

Owns the error body, the request id and the list of deployables. Every answer passes its envelope. Neither FastAPI nor
pydantic is imported here: `chat` would pay for them at its cold start. May import: the library, no other edge package.
"""
