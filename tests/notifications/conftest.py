from tests.support.payer import client, clock, runtime

__all__ = ["client", "clock", "runtime"]
