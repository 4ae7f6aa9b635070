from tests.support.surface import admin, app, client, clock, gateway, runtime, uid

__all__ = ["admin", "app", "client", "clock", "gateway", "runtime", "uid"]
