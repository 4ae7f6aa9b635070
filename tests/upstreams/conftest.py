from tests.support.fixtures.gateways import make_gateway, spare, upstream

__all__ = ["make_gateway", "spare", "upstream"]
