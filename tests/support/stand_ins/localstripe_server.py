"""Starts PyPI's localstripe, a stand-in for Stripe that others wrote. It knows Stripe's API of some years ago, and
refuses what it does not know: the one parameter of ours that is younger is taken out on the way in."""

import sys
from typing import Any

from localstripe import resources, server  # type: ignore[import-untyped]

_create = resources.PaymentIntent._api_create.__func__


def _create_without(cls: Any, /, automatic_payment_methods: object = None, **fields: object) -> Any:
    return _create(cls, **fields)


resources.PaymentIntent._api_create = classmethod(_create_without)

if __name__ == "__main__":
    sys.argv[0] = "localstripe"
    server.start()
