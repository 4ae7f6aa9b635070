"""The HTTP/1.1 client that calls upstreams: dialing, connections, and the pool that keeps them.

Ours because nothing else is as cheap by far; `benchmarks` holds it beside aiohttp, httpx and httpcore.
"""
