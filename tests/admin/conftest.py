from tests.support.surface import admin, client, clock, runtime, uid

__all__ = ["admin", "client", "clock", "runtime", "uid"]
