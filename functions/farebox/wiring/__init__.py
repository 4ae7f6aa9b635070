"""The one place that puts things together, at first use: runtime, data plane, operators' side.

Only edges and the command line import it.
"""
