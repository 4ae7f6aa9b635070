from tests.support.fixtures.lease_pools import instance, wallet

__all__ = ["instance", "wallet"]
