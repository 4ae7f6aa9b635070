"""What is publicly known of models, by name. It comes with the program, so that an upgrade brings it and no price has a
new version for it; `scripts/update_prices.py` writes it.
"""

import json
from functools import cache
from pathlib import Path

from functions.farebox.kit.model_names import fold, stem
from functions.farebox.pricing.capabilities.capabilities import UNTOLD, Capabilities

BUILTIN = Path(__file__).parent / "data" / "models.json"


def publicly_known(model: str) -> Capabilities:
    """What is known of a model of this name, wherever it is served and whichever variant of it (`openai/gpt-4o`,
    `us.gpt-4o`, `gpt-4o-2024-08-06`). It must not be asked on the way of a request: the first call reads a file."""
    exact, folded = _builtin()
    name = fold(model)
    last = stem(name).rpartition("/")[2]
    return exact.get(model) or folded.get(name) or folded.get(stem(name)) or folded.get(last) or UNTOLD


@cache
def _builtin() -> tuple[dict[str, Capabilities], dict[str, Capabilities]]:
    """By name, and by name without place."""
    data = json.loads(BUILTIN.read_text(encoding="utf-8"))
    exact = {model: Capabilities.from_data(each) for model, each in data.items()}
    return exact, {fold(model): each for model, each in exact.items()}
