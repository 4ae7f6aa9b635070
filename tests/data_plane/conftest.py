from tests.support.lease_instances import instance, wallet

__all__ = ["instance", "wallet"]
