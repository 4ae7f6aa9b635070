from tests.support.fixtures.sandbox_user import client, clock, runtime

__all__ = ["client", "clock", "runtime"]
