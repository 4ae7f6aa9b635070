from tests.support.fixtures.whole_app import app, client, clock, runtime

__all__ = ["app", "client", "clock", "runtime"]
