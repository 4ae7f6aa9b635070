"""The data plane over HTTP: authentication by API key, checks of bodies, and answers as they are relayed.

Owns header names and SSE of the data plane; what a request costs and who serves it is `farebox/data_plane`'s. Neither
FastAPI nor pydantic is imported here. May import: `asgi`.
"""
