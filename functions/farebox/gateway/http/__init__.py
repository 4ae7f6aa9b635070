"""The HTTP/1.1 client that calls upstreams: dialing, connections, and the pool that keeps them.

It is ours because of what a request costs: `benchmarks/clients.py` holds it beside aiohttp, httpx and httpcore.
"""
