from tests.support.fixtures.whole_app import app, client, clock, gateway, runtime, uid

__all__ = ["app", "client", "clock", "gateway", "runtime", "uid"]
