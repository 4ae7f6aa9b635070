from tests.support.surface import admin, client, clock, gateway, runtime, uid

__all__ = ["admin", "client", "clock", "gateway", "runtime", "uid"]
