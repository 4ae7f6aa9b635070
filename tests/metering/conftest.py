from tests.support.surface import client, clock, gateway, runtime, uid

__all__ = ["client", "clock", "gateway", "runtime", "uid"]
