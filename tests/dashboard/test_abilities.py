"""The dashboard offers all that a price may say of its model, by the names that it is read by."""

import re

from functions.farebox.pricing.capabilities.capabilities import INPUTS, OUTPUTS, PARAMETERS
from tests.support.processes import ROOT


def test_the_form_of_a_price_offers_each_thing_that_a_model_can_do() -> None:
    source = (ROOT / "dashboard/src/pages/admin/pricing/abilities.ts").read_text()
    [names] = re.findall(r"NAMES = \{(.*?)\} as const", source, re.DOTALL)
    assert re.findall(r'"(\w+)"', names) == [*INPUTS, *OUTPUTS, *PARAMETERS]
