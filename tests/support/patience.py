"""How long a test waits for what must happen, on a busy machine too. What may not happen is never waited for so."""

PATIENCE_S = 60.0
