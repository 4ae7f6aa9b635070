"""The shared library: the domain of prepaid LLM access. It knows no HTTP server and no vendor."""
