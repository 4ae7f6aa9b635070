"""What Farebox tells whoever runs it: log lines, spans, and metrics.

The library speaks through `telemetry` and `request_context`, which import nothing; `logs` and `otlp` carry it out of
the process, and only they know a vendor's formats. Nothing here decides anything, and no secret is in any line. May
import: `tokens`, `kit`, `errors`.
"""
