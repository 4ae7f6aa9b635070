"""Readers of the fields that several dialects share, and that say how much a request may cost."""

from functions.farebox.request.fate import LEFT_OUT, Feature, Field, Read, Reading, Table, bounding
from functions.farebox.request.json_body import encode
from functions.farebox.request.places import keep
from functions.farebox.request.prompt.parts import read_content
from functions.farebox.request.values import flag, object_at, read_nested, whole_at, word, wrong_type, wrong_value

MAX_CHOICES = 128
MAX_CAP = 10_000_000  # tokens
MAX_MODEL_CHARS = 200

# Tiers at the list price: OpenAI's, Anthropic's and Groq's words for it. Any other is a feature of its own.
LIST_PRICE_TIERS = frozenset({"auto", "default", "standard", "standard_only", "on_demand"})
_USAGE_WISH = frozenset({"include"})
_PREDICTION = frozenset({"type", "content"})
PRICED_TIERS = frozenset({"flex", "batch", "scale", "priority", "fast", "ultrafast", "performance", "reserved"})


def read_model(value: object, at: str, reading: Reading) -> object:
    """Reads the model's public name; the writer names the upstream's."""
    if type(value) is not str:
        raise wrong_type(at, "the name of a model")
    if not 1 <= len(value) <= MAX_MODEL_CHARS:
        raise wrong_value(at, f"the name of a model, of 1 to {MAX_MODEL_CHARS} characters")
    reading.model = value
    return LEFT_OUT


def read_stream(value: object, at: str, reading: Reading) -> object:
    """Reads whether the answer is to be streamed."""
    reading.stream = flag(value, at, reading) is True
    return LEFT_OUT


def read_usage_wish(value: object, at: str, reading: Reading) -> object:
    """Reads whether the report of usage is to tell the cost, as OpenRouter has it: `usage: {include: true}`."""
    wish = object_at(value, at)
    include = wish.get("include")
    reading.wants_cost = include is not None and flag(include, f"{at}.include", reading) is True
    keep(wish, _USAGE_WISH, at, reading)
    return LEFT_OUT


def read_cap(value: object, at: str, reading: Reading) -> object:
    """Reads the most tokens that a choice may have. The writer puts the cap into the field that the upstream reads."""
    cap = value if type(value) is int and 1 <= value <= MAX_CAP else whole_at(value, at, 1, MAX_CAP)
    reading.cap = cap if reading.cap is None else min(reading.cap, cap)  # of several, the smallest counts
    return LEFT_OUT


def read_choices(value: object, at: str, reading: Reading) -> object:
    """Reads how many choices each prompt gets."""
    reading.choices = whole_at(value, at, 1, MAX_CHOICES)
    return LEFT_OUT


def read_best_of(value: object, at: str, reading: Reading) -> object:
    """Reads how many completions are generated for the choices. All of them are charged."""
    reading.best_of = whole_at(value, at, 1, MAX_CHOICES)
    reading.counts_together = True
    return LEFT_OUT


def _elsewhere(read: Read) -> Field:
    """An amount of another dialect: it must be one, and is left out and named."""

    def read_amount(value: object, at: str, reading: Reading) -> object:
        read(value, at, Reading())
        reading.drop(at)
        return LEFT_OUT

    return bounding(read_amount)


# What bounds an answer in some dialect, as long as a table does not say otherwise: clients mix them up.
AMOUNTS: Table = {
    **dict.fromkeys(("max_tokens", "max_completion_tokens", "max_output_tokens"), _elsewhere(read_cap)),
    "n": _elsewhere(read_choices),
    "best_of": _elsewhere(read_best_of),
}


def read_thinking_beside_cap(value: object, at: str, reading: Reading) -> object:
    """Reads how much a model may think where that is not in the cap, as Qwen's servers have it."""
    reading.thinking_beside_cap = whole_at(value, at, 0, MAX_CAP)
    return value


def read_thinking_within_cap(value: object, at: str, reading: Reading) -> object:
    """Reads how much of its cap a model may think. Of several, the largest counts. The writer lowers what is more than
    the cap that is sent."""
    thinking = whole_at(value, at, 1, MAX_CAP)
    reading.counts_together = True
    if reading.thinking_within_cap is None or thinking > reading.thinking_within_cap:
        reading.thinking_within_cap, reading.thinking_at = thinking, at
    return value


def read_least(value: object, at: str, reading: Reading) -> object:
    """Reads the fewest tokens that a choice must have. The writer names it anew, never above the cap that is sent."""
    reading.least = whole_at(value, at, 0, MAX_CAP)
    reading.counts_together = True
    return LEFT_OUT


def read_tier(value: object, at: str, reading: Reading) -> object:
    """Reads the service tier."""
    tier = word(value, at, reading)
    if tier in LIST_PRICE_TIERS:
        return tier
    if tier not in PRICED_TIERS:
        raise wrong_value(at, "auto or default, or another tier that the model has a price for")
    reading.ask(Feature(tier, at))
    return tier


def read_prediction(value: object, at: str, reading: Reading) -> object:
    """Reads what the caller expects of the answer. What turns out otherwise is charged as output."""
    prediction = object_at(value, at)
    content = read_content(prediction.get("content"), f"{at}.content", reading)
    prediction = {**keep(prediction, _PREDICTION, at, reading), "content": content}
    reading.prediction_bytes = len(encode(prediction))
    return prediction


def asks_for(feature: str, table: Table, *, most: int | None = 1) -> Read:
    """Reads an object that asks for a feature, and has a table of its own."""

    def read(value: object, at: str, reading: Reading) -> object:
        reading.ask(Feature(feature, at, most))
        return read_nested(object_at(value, at), at, table, reading)

    return read


def word_for(feature: str, plain: str, *others: str) -> Read:
    """Reads the `plain` word, which asks for nothing, or another, which asks for a feature by its name."""
    wanted = f"{plain}, or {' or '.join(others)} where the model has a price for it"

    def read(value: object, at: str, reading: Reading) -> object:
        name = word(value, at, reading)
        if name != plain:
            if name not in others:
                raise wrong_value(at, wanted)
            reading.ask(Feature(f"{feature}.{name}", at))
        return name

    return read
