from tests.support.surface import client, clock, runtime

__all__ = ["client", "clock", "runtime"]
