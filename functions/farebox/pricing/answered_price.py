"""The price of an answer that names the model which it is by.

A name that differs only by what vendors put around a model's name is the model that was asked for: a snapshot's date
or number (`gpt-4o-2024-08-06`, `gpt-4-0613`, `gemini-2.5-flash-001`), `-latest`, a provider before a slash
(`openai/gpt-4o`, `models/gemini-2.5-pro`), a way of serving it after a colon (`deepseek-v4:free`), upper or lower case.
Any other part of a name makes another model: `gpt-4o-mini`, `gpt-5-pro`, `gemma3:27b`. Where the list has no price for
that, it may still be one of a listed model's kind, by a suffix that nobody here knows: `gpt-5-pro-fp8` makes the answer
as dear as `gpt-5-pro`, and never cheaper.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache

from functions.farebox.kit.model_names import MAX_NAME, PROVIDER, SNAPSHOT, beginnings
from functions.farebox.kit.wildcards import is_pattern
from functions.farebox.pricing.ceiling import dearest_of
from functions.farebox.pricing.price import Price

MAX_KEPT = 16_384  # names of models whose parts are remembered

_PROVIDER = re.compile(rf"\A{PROVIDER}")
_SERVING = re.compile(r":(?:free|latest|nitro|floor|\d)$")  # OpenRouter's, Ollama's, and Bedrock's `-v1:0`
_SNAPSHOT = re.compile(rf"(?:{SNAPSHOT}|-latest)++$")


def answered_price(prices: Mapping[str, Price], asked: Price, upstream_model: str, answered: str | None) -> Price:
    """The price to charge an answer by that says it is by the model `answered`.

    `asked` is the price that was held by, `upstream_model` the name that was asked for upstream. It is `asked` where
    the answer names the same model, none, or one that the list `prices` has no price for. Of snapshots that are listed
    the one that is named counts, or else the dearest.
    """
    if not answered or is_same_model(answered, upstream_model, asked.model) or len(answered) > MAX_NAME:
        return asked
    model = _model(answered)
    listed = [name for name in prices if not is_pattern(name) and _model(name) == model]
    if not listed:
        # A pattern is a price for many, and a name that only begins like another may be a smaller model's: neither
        # makes an answer cheaper than what was asked for.
        return dearest_of([asked, prices.get(answered, asked), *_begun(prices, _bare(answered))])
    named = _bare(answered)
    return max((prices[name] for name in listed), key=lambda price: (_bare(price.model) == named, *_dearness(price)))


def _begun(prices: Mapping[str, Price], bare: str) -> list[Price]:
    """The prices of the listed model whose name begins this one, up to a separator: of several the longest."""
    listed: defaultdict[str, list[Price]] = defaultdict(list)
    for name in prices:
        if not is_pattern(name):
            listed[_model(name)].append(prices[name])
    return next((listed[each] for each in beginnings(bare) if each in listed), [])


def is_same_model(answered: str, *names: str) -> bool:
    """Whether a name means the same model as one of these. One that is longer than any model's does not."""
    return answered in names or (len(answered) <= MAX_NAME and _model(answered) in map(_model, names))


def _dearness(price: Price) -> tuple[int, int]:
    return price.dearest_output, price.dearest_input


@lru_cache(maxsize=MAX_KEPT)
def _model(name: str) -> str:
    """A name without its snapshot, too."""
    return _SNAPSHOT.sub("", _bare(name))


def _bare(name: str) -> str:
    """A name without its provider, the way it is served, and its case."""
    return _SERVING.sub("", _PROVIDER.sub("", name.rpartition("/")[2].lower(), count=1))
