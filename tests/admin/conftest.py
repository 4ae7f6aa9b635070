from tests.support.fixtures.whole_app import admin, app, client, clock, gateway, runtime, uid

__all__ = ["admin", "app", "client", "clock", "gateway", "runtime", "uid"]
