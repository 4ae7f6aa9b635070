"""Prompts that cannot fit are refused before they cost anything."""

import pytest

from functions.farebox.data_plane.admission import admit
from functions.farebox.errors import InvalidRequest
from functions.farebox.limits.key_counters import KeyTerms
from functions.farebox.pricing.price import Price
from functions.farebox.pricing.tariff import Tariff
from tests.support.calls import checked
from tests.support.fixtures.lease_pools import Opened, Wallet

ENTRY = {"input_usd_per_1m": "1", "output_usd_per_1m": "2", "context_tokens": 400}


@pytest.mark.parametrize("model", ["gpt-4o-mini", "llama-3.1-8b"])
@pytest.mark.parametrize(("words", "fits"), [(300, True), (900, False)])
async def test_a_prompt_over_the_models_context_is_refused(
    instance: Opened, wallet: Wallet, model: str, words: int, fits: bool
) -> None:
    uid, leases = await wallet(), instance()
    body = {"model": model, "messages": [{"role": "user", "content": "word " * words}]}
    asking = admit(leases, uid, KeyTerms("key-1"), Tariff.of([Price.from_config(model, ENTRY)]), checked(body))
    if fits:
        leases.cancel((await asking).hold)
    else:
        with pytest.raises(InvalidRequest) as refused:
            await asking
        assert refused.value.code == "context_length_exceeded"
