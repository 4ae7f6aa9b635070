from tests.support.fixtures.gateways import upstream

__all__ = ["upstream"]
