from tests.support.surface import app, client, clock, runtime

__all__ = ["app", "client", "clock", "runtime"]
