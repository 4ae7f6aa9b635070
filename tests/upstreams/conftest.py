from tests.support.fixtures.gateways import make_gateway, spare, upstream
from tests.support.fixtures.metadata import metadata

__all__ = ["make_gateway", "metadata", "spare", "upstream"]
