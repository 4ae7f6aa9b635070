"""Measurements beside the gateways that people use; see docs/performance.md."""
