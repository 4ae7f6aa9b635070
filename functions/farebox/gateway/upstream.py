"""Upstreams as the configuration names them, OpenAI-compatible servers or the built-in `echo:`, and what they route."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import urlsplit

from msgspec import Meta, Struct

from functions.farebox.kit.entries import read_entry
from functions.farebox.kit.model_names import is_plain
from functions.farebox.kit.wildcards import Wildcards, fill, is_pattern
from functions.farebox.request.steering import is_never_passed

ECHO_URL = "echo:"
MAX_UPSTREAMS = 200
MAX_MODELS = 1000
MAX_FIELDS = 100
MAX_TIMEOUT_S = 3600.0
MAX_PRIORITY = 1000
MAX_WEIGHT = 1000

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_ADDRESS = re.compile(r"[!-~]{1,2000}")
_PUBLIC_NAME = re.compile(r"[!-)+-~]{1,200}")  # that a client may ask for

_Name = Annotated[str, Meta(pattern=r"\A[!-~]{1,200}\Z")]
_Names = Annotated[dict[_Name, _Name], Meta(min_length=1, max_length=MAX_MODELS)]
_Field = Annotated[str, Meta(pattern=r"\A[!-~]{1,64}\Z")]
_Fields = Annotated[list[_Field], Meta(max_length=MAX_FIELDS)]
_Seconds = Annotated[float, Meta(gt=0, le=MAX_TIMEOUT_S)]


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

    A public name with a `*` in it stands for many (`Routes`): what the `*` stands for is put where the
    upstream's own name has one.

    Lower `priority` is tried first; `weight` is a share among equals. `cap_field` is the request field that it reads
    as the most tokens of a choice. `priced_as` names, by public model, the entry of the price list that
    its answers are charged by, where that is not the public model's own. Fields of a request that are known to nobody
    here are let through where they are among its `pass_fields`; known ones are left out where they are among its
    `drop_fields`.
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
    pass_fields: tuple[str, ...] = ()
    drop_fields: frozenset[str] = frozenset()

    @property
    def is_echo(self) -> bool:
        """Answered in this process, without a socket."""
        return self.base_url == ECHO_URL


def parse_upstreams(entries: object) -> tuple[Upstream, ...]:
    """The upstreams of a list of entries `{id, base_url, api_key?, models, priority?, weight?, timeout_s?}`, and
    Farebox's own `connect_timeout_s?`, `idle_timeout_s?`, `cap_field?`, `priced_as?`, `pass_fields?`, `drop_fields?`.

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


class _Entry(Struct, forbid_unknown_fields=True, kw_only=True):
    """An entry as it is written. What is `None` has its default."""

    id: Annotated[str, Meta(pattern=rf"\A{_ID.pattern}\Z")]
    base_url: str
    models: _Names
    api_key: Annotated[str, Meta(pattern=r"\A[!-~]{1,4096}\Z")] | None = None
    priority: Annotated[int, Meta(ge=0, le=MAX_PRIORITY)] | None = None
    weight: Annotated[int, Meta(ge=1, le=MAX_WEIGHT)] | None = None
    timeout_s: _Seconds | None = None
    connect_timeout_s: _Seconds | None = None
    idle_timeout_s: _Seconds | None = None
    cap_field: Annotated[str, Meta(pattern=r"\A[a-z_]{1,64}\Z")] | None = None
    priced_as: _Names | None = None
    pass_fields: _Fields | None = None
    drop_fields: _Fields | None = None


_SECONDS = f"seconds, more than 0 and at most {MAX_TIMEOUT_S:.0f}"
_NAMES = f"an object of 1 to {MAX_MODELS} public names and {{}}, each of 1 to 200 printable characters without spaces"
_FIELDS = f"a list of at most {MAX_FIELDS} names of request fields"
_WANTED = {
    "id": "1 to 64 of A-Z a-z 0-9 . _ -",
    "base_url": f"an http or https address without a query, or {ECHO_URL!r}",
    "models": _NAMES.format("upstream names"),
    "api_key": "printable ASCII",
    "priority": f"a whole number from 0 to {MAX_PRIORITY}",
    "weight": f"a whole number from 1 to {MAX_WEIGHT}",
    "timeout_s": _SECONDS,
    "connect_timeout_s": _SECONDS,
    "idle_timeout_s": _SECONDS,
    "cap_field": "the name of a request field",
    "priced_as": _NAMES.format("names in the price list"),
    "pass_fields": _FIELDS,
    "drop_fields": _FIELDS,
}


def parse_upstream(entry: object, label: str = "") -> Upstream:
    """The upstream of one entry. `label` names it in an error as long as its id is not known to be one."""
    if not isinstance(entry, dict):
        raise ValueError(f"upstream {label}: it must be a JSON object")
    id = entry.get("id")
    if isinstance(id, str) and _ID.fullmatch(id):
        label = id
    try:
        return _upstream(read_entry(entry, _Entry, _WANTED))
    except ValueError as error:
        raise ValueError(f"upstream {label}: {error}") from None


def _upstream(entry: _Entry) -> Upstream:
    base_url = _base_url(entry.base_url)
    priced_as = entry.priced_as or {}
    for name in priced_as:
        if name not in entry.models:
            raise ValueError(f"priced_as: {name} is not among its models")
    for field_name, names in (("models", entry.models), ("priced_as", priced_as)):
        for name, other in names.items():
            if name.count("*") > 1 or other.count("*") > name.count("*"):
                raise ValueError(f"{field_name}: {name} may have one *, and {other} only where {name} has one")
    pass_fields = tuple(dict.fromkeys(entry.pass_fields or ()))
    for name in pass_fields:
        if is_never_passed(name):
            raise ValueError(f"pass_fields: {name} steers a proxy or bounds the cost, and is never let through")
    default = Timeouts()
    return Upstream(
        id=entry.id,
        base_url=base_url,
        models=entry.models,
        api_key=entry.api_key,
        priority=0 if entry.priority is None else entry.priority,
        weight=1 if entry.weight is None else entry.weight,
        timeouts=Timeouts(
            connect_s=entry.connect_timeout_s or default.connect_s,
            first_byte_s=entry.timeout_s or default.first_byte_s,
            idle_s=entry.idle_timeout_s or default.idle_s,
        ),
        cap_field=entry.cap_field or _default_cap_field(base_url),
        priced_as=priced_as,
        pass_fields=pass_fields,
        drop_fields=frozenset(entry.drop_fields or ()),
    )


def _default_cap_field(base_url: str) -> str:
    """OpenAI deprecates `max_tokens`, and its reasoning models refuse it, on Azure too; most others know no newer."""
    host = urlsplit(base_url).hostname or ""
    is_openais = host == "api.openai.com" or host.endswith(".openai.azure.com")
    return "max_completion_tokens" if is_openais else "max_tokens"


def _base_url(text: str) -> str:
    if text == ECHO_URL:
        return ECHO_URL
    problem = ValueError(f"base_url: write {_WANTED['base_url']}")
    if _ADDRESS.fullmatch(text) is None:
        raise problem
    try:
        url = urlsplit(text)
        well_formed = bool(url.hostname) and url.port != 0
    except ValueError as error:
        raise problem from error
    if not well_formed or url.scheme not in ("http", "https") or url.query or url.fragment:
        raise problem
    if url.username is not None or url.password is not None:
        raise ValueError("base_url: put credentials into api_key, not into the address")
    return text.rstrip("/")


NO_FIELDS: frozenset[str] = frozenset()


class Routes(Mapping[str, frozenset[str]]):
    """By public name of model, the names of the prices that its answers may be charged by.

    It has all models that some upstream names, and those that match a pattern of one and are named by none. It lists
    the former alone; the latter are in `patterns`, as they are written. A name of the latter is plain where all of them
    have one price; where it is priced by itself, that is the price list's to say.
    """

    def __init__(self, upstreams: Iterable[Upstream]) -> None:
        found: dict[str, set[str]] = defaultdict(set)
        passed: dict[str, frozenset[str]] = {}
        for upstream in upstreams:
            for name in upstream.models:
                found[name].add(priced_as(upstream, name))
                passed[name] = passed.get(name, NO_FIELDS).union(upstream.pass_fields)
        self._named = {name: frozenset(prices) for name, prices in found.items() if not is_pattern(name)}
        self.patterns: Mapping[str, frozenset[str]] = {
            name: frozenset(prices) for name, prices in found.items() if is_pattern(name)
        }
        self._matching = Wildcards(self.patterns)
        self._passed = passed if any(passed.values()) else {}
        self._passed_by_pattern = Wildcards(self._passed)

    def pass_fields(self, model: str) -> frozenset[str]:
        """The fields unknown here that some upstream of a model lets through."""
        if not self._passed:
            return NO_FIELDS
        if model in self._named:
            return self._passed[model]
        found = self._passed_by_pattern.match(model)
        return NO_FIELDS if found is None else found[0]

    def __getitem__(self, model: str) -> frozenset[str]:
        named = self._named.get(model)
        if named is not None:
            return named
        found = self._matching.match(model)
        if found is None or _PUBLIC_NAME.fullmatch(model) is None:
            raise KeyError(model)
        if not all(map(is_pattern, found[0])) and not is_plain(model):
            raise KeyError(model)  # whatever the name, its price is the same: it must not buy anything else
        return frozenset(fill(price, found[1]) for price in found[0])

    def __iter__(self) -> Iterator[str]:
        return iter(self._named)

    def __len__(self) -> int:
        return len(self._named)


def priced_as(upstream: Upstream, public_name: str) -> str:
    """The name of the price that an upstream's answers for a public name are charged by; of a pattern, a pattern."""
    return upstream.priced_as.get(public_name, public_name)
