"""Everything on one port, as `python main.py` serves it: all edges, the dashboard, the API's document, a banner.

Owns the uvicorn server and the order of its start and end. No deployed function imports it. May import: `rest` and
below, but not `admin` or `wallet`.
"""
