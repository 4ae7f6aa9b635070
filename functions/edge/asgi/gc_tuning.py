"""Garbage collection for a server: what was made at start-up is never looked at again, the rest less often.

With the defaults, a full collection walks everything that was imported and holds every request for tens of
milliseconds, and a small one comes with every second request. Little of what a request makes is cyclic, so little is
kept for longer than before.
"""

import gc

OBJECTS_A_COLLECTION = 10_000  # of those with references, made and not yet gone; Python's own default is 700


def tune_gc() -> None:
    """Call it once, when the server is ready to serve."""
    gc.freeze()
    gc.set_threshold(OBJECTS_A_COLLECTION, *gc.get_threshold()[1:])
