from tests.support.gateways import make_gateway, spare, upstream

__all__ = ["make_gateway", "spare", "upstream"]
