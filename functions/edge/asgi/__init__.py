"""What every edge shares, on Starlette alone: requests, errors, credentials, health, logs, serving, ending.

Neither FastAPI nor pydantic is imported here: `chat` pays for it at its cold start.
"""
