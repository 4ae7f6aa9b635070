"""What Farebox tells whoever runs it: log lines, spans of what takes time, and measurements.

The library speaks through `telemetry` and `request_context`, which import nothing; `logs` and `otlp` carry it out of
the process, and only they know a vendor's formats.
"""
