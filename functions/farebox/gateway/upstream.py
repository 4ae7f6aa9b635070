"""Upstreams as the configuration names them: OpenAI-compatible servers, or the built-in `echo:`."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

ECHO_URL = "echo:"
MAX_UPSTREAMS = 200
MAX_MODELS = 1000
MAX_TIMEOUT_S = 3600.0
MAX_PRIORITY = 1000
MAX_WEIGHT = 1000

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_MODEL = re.compile(r"[!-~]{1,200}")
_KEY = re.compile(r"[!-~]{1,4096}")
_FIELD = re.compile(r"[a-z_]{1,64}", re.ASCII)
_FIELDS = frozenset(
    {
        "id",
        "base_url",
        "api_key",
        "models",
        "priority",
        "weight",
        "timeout_s",
        "connect_timeout_s",
        "idle_timeout_s",
        "cap_field",
        "priced_as",
    }
)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long an upstream may take, in seconds.

    `first_byte_s` runs from the call to a stream's first event, or to a plain answer's headers; `idle_s` between two
    pieces of an answer. A stream may go on for as long as it talks.
    """

    connect_s: float = 5.0
    first_byte_s: float = 120.0
    idle_s: float = 60.0

    @property
    def answer_s(self) -> float:
        """For the whole of a plain answer: some servers send its headers at once and its body as it is generated."""
        return 2 * self.first_byte_s + self.idle_s


@dataclass(frozen=True, slots=True)
class Upstream:
    """A server that answers requests. `models` maps public names to its own; no other model is routed to it.

    Lower `priority` is tried first; `weight` is a share among equals. `cap_field` is the request field that bounds
    the completion where the client named none. `priced_as` names, by public model, the entry of the price list that
    its answers are charged by, where that is not the public model's own.
    """

    id: str
    base_url: str
    models: Mapping[str, str]
    api_key: str | None = field(default=None, repr=False)
    priority: int = 0
    weight: int = 1
    timeouts: Timeouts = Timeouts()
    cap_field: str = "max_tokens"
    priced_as: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_echo(self) -> bool:
        """Answered in this process, without a socket."""
        return self.base_url == ECHO_URL


def parse_upstreams(entries: object) -> tuple[Upstream, ...]:
    """The upstreams of a list of entries `{id, base_url, api_key?, models, priority?, weight?, timeout_s?}`, and
    Farebox's own `connect_timeout_s?`, `idle_timeout_s?`, `cap_field?`, `priced_as?`.

    Raises `ValueError` that names the entry and the field, never a secret.
    """
    if not isinstance(entries, list):
        raise ValueError("the upstreams must be a JSON list")
    if len(entries) > MAX_UPSTREAMS:
        raise ValueError(f"there may be at most {MAX_UPSTREAMS} upstreams")
    upstreams = tuple(parse_upstream(entry, f"number {n}") for n, entry in enumerate(entries, 1))
    seen: set[str] = set()
    for upstream in upstreams:
        if upstream.id in seen:
            raise ValueError(f"upstream {upstream.id}: this id is there twice")
        seen.add(upstream.id)
    return upstreams


def parse_upstream(entry: object, label: str = "") -> Upstream:
    """The upstream of one entry. `label` names it in an error as long as its id is not known to be one."""
    if not isinstance(entry, dict):
        raise ValueError(f"upstream {label}: it must be a JSON object")
    reader = _Reader(entry, label)
    id = reader.text("id", _ID, "1 to 64 of A-Z a-z 0-9 . _ -")
    reader.label = id
    for name in entry:
        if name not in _FIELDS:
            raise reader.wrong(str(name)[:64], "there is no such field")
    base_url = reader.base_url()
    models = reader.names("models", "public names and upstream names")
    default = Timeouts()
    return Upstream(
        id=id,
        base_url=base_url,
        models=models,
        api_key=None if entry.get("api_key") is None else reader.text("api_key", _KEY, "printable ASCII"),
        priority=reader.whole("priority", 0, 0, MAX_PRIORITY),
        weight=reader.whole("weight", 1, 1, MAX_WEIGHT),
        timeouts=Timeouts(
            connect_s=reader.seconds("connect_timeout_s", default.connect_s),
            first_byte_s=reader.seconds("timeout_s", default.first_byte_s),
            idle_s=reader.seconds("idle_timeout_s", default.idle_s),
        ),
        cap_field=_default_cap_field(base_url)
        if entry.get("cap_field") is None
        else reader.text("cap_field", _FIELD, "the name of a request field"),
        priced_as={} if entry.get("priced_as") is None else reader.priced_as(models),
    )


def _default_cap_field(base_url: str) -> str:
    """OpenAI deprecates `max_tokens`, and its reasoning models refuse it; most others know nothing newer."""
    return "max_completion_tokens" if urlsplit(base_url).hostname == "api.openai.com" else "max_tokens"


class _Reader:
    """Reads the fields of one entry; what is wrong with them is said in words that name the entry and the field."""

    def __init__(self, entry: Mapping[Any, Any], label: str) -> None:
        self.label = label
        self._entry = entry

    def wrong(self, name: str, problem: str) -> ValueError:
        return ValueError(f"upstream {self.label}: {name}: {problem}")

    def text(self, name: str, form: re.Pattern[str], wanted: str) -> str:
        value = self._entry.get(name)
        if not isinstance(value, str) or form.fullmatch(value) is None:
            raise self.wrong(name, f"write {wanted}")
        return value

    def whole(self, name: str, default: int, least: int, most: int) -> int:
        value = self._entry.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise self.wrong(name, f"write a whole number from {least} to {most}")
        return value

    def seconds(self, name: str, default: float) -> float:
        value = self._entry.get(name)
        if value is None:
            return default
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not math.isfinite(value) or not 0 < value <= MAX_TIMEOUT_S:
            raise self.wrong(name, f"write seconds, more than 0 and at most {MAX_TIMEOUT_S:.0f}")
        return float(value)

    def base_url(self) -> str:
        value = self._entry.get("base_url")
        if value == ECHO_URL:
            return ECHO_URL
        problem = self.wrong("base_url", f"write an http or https address without a query, or {ECHO_URL!r}")
        if not isinstance(value, str) or re.fullmatch(r"[!-~]{1,2000}", value) is None:
            raise problem
        try:
            url = urlsplit(value)
            well_formed = bool(url.hostname) and url.port != 0
        except ValueError as error:
            raise problem from error
        if not well_formed or url.scheme not in ("http", "https") or url.query or url.fragment:
            raise problem
        if url.username is not None or url.password is not None:
            raise self.wrong("base_url", "put credentials into api_key, not into the address")
        return value.rstrip("/")

    def names(self, field: str, what: str) -> Mapping[str, str]:
        names = self._entry.get(field)
        if not isinstance(names, dict) or not 1 <= len(names) <= MAX_MODELS:
            raise self.wrong(field, f"write an object of 1 to {MAX_MODELS} {what}")
        for name in (*names.keys(), *names.values()):
            if not isinstance(name, str) or _MODEL.fullmatch(name) is None:
                raise self.wrong(field, "a model's name is 1 to 200 printable characters without spaces")
        return dict(names)

    def priced_as(self, models: Mapping[str, str]) -> Mapping[str, str]:
        names = self.names("priced_as", "public names and names in the price list")
        for name in names:
            if name not in models:
                raise self.wrong("priced_as", f"{name} is not among its models")
        return names


def routes_of(upstreams: Iterable[Upstream]) -> dict[str, frozenset[str]]:
    """Every public model name that some upstream answers to, with the names of the prices it may be charged by."""
    routes: dict[str, frozenset[str]] = {}
    for upstream in upstreams:
        for name in upstream.models:
            routes[name] = routes.get(name, frozenset()) | {upstream.priced_as.get(name, name)}
    return routes
