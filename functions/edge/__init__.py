"""What every edge shares: errors, envelopes, credentials, pages. Nothing here decides about money.

What `chat` needs is built on Starlette alone; only `management.py` and what it imports need FastAPI.
"""
