from tests.support.surface import app, client, clock, gateway, runtime, uid

__all__ = ["app", "client", "clock", "gateway", "runtime", "uid"]
