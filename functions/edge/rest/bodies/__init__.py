"""Pydantic models of the data plane's bodies, for the OpenAPI document: what a client may send and will get.

What becomes of each field is in `farebox/request`, one table a dialect. These models name the fields that most clients
send. A field that no table knows is left out, and named in the answer's header `x-farebox-dropped`.
"""
