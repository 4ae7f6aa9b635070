"""Upstreams as the configuration names them, OpenAI-compatible servers or the built-in `echo:`, and what they route."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from functions.farebox.gateway.credentials.tokens import NoCredential, Tokens
from functions.farebox.gateway.entry.defaults import VERTEX_CLAUDE, with_defaults
from functions.farebox.gateway.entry.form import ECHO_URL, ID, WANTED, Auth, DialectName, Entry, KeyHeader
from functions.farebox.gateway.entry.head import NO_SECRETS, read_head
from functions.farebox.gateway.entry.mistakes import refuse_mistakes
from functions.farebox.kit.entries import read_entry
from functions.farebox.kit.model_names import is_plain
from functions.farebox.kit.wildcards import Wildcards, fill, is_pattern
from functions.farebox.request.steering import is_never_passed

MAX_UPSTREAMS = 200

_ADDRESS = re.compile(r"[!-~]{1,2000}")
_PUBLIC_NAME = re.compile(r"[!-)+-~]{1,200}")  # that a client may ask for

ONLY_CHAT: frozenset[DialectName] = frozenset({"chat"})

_HEAD = {
    "content-type": "application/json",
    "accept-encoding": "identity",  # a compressor would hold events back, and costs time on both sides
    "user-agent": "farebox",
}


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
    as the most tokens of a choice. Without a `developer_role` messages of the role `developer` are `system`'s.
    `priced_as` names, by public model, the entry of the price list that its answers are charged by, where that is not
    the public model's own. Fields of a request that are known to nobody here are let through where they are among its
    `pass_fields`; known ones are left out where they are among its `drop_fields`. Headers that a client sent are taken
    over where they are among its `pass_headers`, in lower case.

    `speaks` are the dialects that it answers itself: requests in any other are translated to one of them.

    `query` is what every address ends in, with its `?`; `head` the headers that every request has. `lacks` names the
    secrets that are not at hand, `unopened` the fields whose sealed values do not open: without them it can't be
    called. `tokens` has those that it is called with where `auth` is `google`.
    """

    id: str
    base_url: str
    models: Mapping[str, str]
    api_key: str | None = field(default=None, repr=False)
    priority: int = 0
    weight: int = 1
    timeouts: Timeouts = Timeouts()
    cap_field: str = "max_tokens"
    developer_role: bool = False
    priced_as: Mapping[str, str] = field(default_factory=dict)
    pass_fields: tuple[str, ...] = ()
    drop_fields: frozenset[str] = frozenset()
    auth: Auth = "bearer"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: str = field(default="", repr=False)
    pass_headers: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    unopened: tuple[str, ...] = ()
    speaks: frozenset[DialectName] = ONLY_CHAT
    tokens: Tokens | None = field(default=None, repr=False, compare=False)
    head: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Write what no request changes, once."""
        head = {**_HEAD, **self.headers}
        if self.api_key is not None and self.auth != "google":
            if isinstance(self.auth, KeyHeader):
                head[self.auth.header] = self.api_key
            else:
                head["authorization"] = f"Bearer {self.api_key}"
        object.__setattr__(self, "head", head)

    @property
    def is_vertex_claude(self) -> bool:
        """Anthropic's models on Vertex AI, whose address names the model."""
        return self.base_url.endswith(VERTEX_CLAUDE)

    @property
    def is_echo(self) -> bool:
        """Answered in this process, without a socket."""
        return self.base_url == ECHO_URL

    async def credential(self) -> Mapping[str, str]:
        """What goes beside `head` now, and could not be written into it. Waits for a first token, no longer than for a
        connection. Raises `NoCredential`."""
        if self.lacks:
            raise NoCredential(f"{', '.join(self.lacks)} could not be read from Secret Manager")
        if self.unopened:
            raise NoCredential(f"its {', '.join(self.unopened)} does not open with this FAREBOX_SECRET_KEY")
        if self.auth != "google":
            return {}
        if self.tokens is None:
            raise NoCredential("nobody asks for tokens here")
        token = await self.tokens.get(min(self.timeouts.connect_s, self.timeouts.first_byte_s))
        return {"authorization": f"Bearer {token}"}


def parse_upstreams(entries: object) -> tuple[Upstream, ...]:
    """The upstreams of a list of entries, each as `entry.form` says.

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


def parse_upstream(
    entry: object, label: str = "", secrets: Mapping[str, str] = NO_SECRETS, *, is_stored: bool = False
) -> Upstream:
    """The upstream of one entry. `label` names it in an error as long as its id is not known to be one; `secrets` has
    the values of those that are named in it, by their names. One that `is_stored` was taken already, be it by a version
    that knew fewer mistakes: no one entry may keep all others from being served."""
    if not isinstance(entry, dict):
        raise ValueError(f"upstream {label}: it must be a JSON object")
    id = entry.get("id")
    if isinstance(id, str) and ID.fullmatch(id):
        label = id
    try:
        read = read_entry(entry, Entry, WANTED)
        if not is_stored:
            refuse_mistakes(read)
        return _upstream(read, secrets)
    except ValueError as error:
        raise ValueError(f"upstream {label}: {error}") from None


def _upstream(entry: Entry, secrets: Mapping[str, str]) -> Upstream:
    entry = with_defaults(entry)
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
    own = read_head(entry, secrets)
    default = Timeouts()
    return Upstream(
        id=entry.id,
        base_url=base_url,
        models=entry.models,
        api_key=own.api_key,
        priority=0 if entry.priority is None else entry.priority,
        weight=1 if entry.weight is None else entry.weight,
        timeouts=Timeouts(
            connect_s=entry.connect_timeout_s or default.connect_s,
            first_byte_s=entry.timeout_s or default.first_byte_s,
            idle_s=entry.idle_timeout_s or default.idle_s,
        ),
        cap_field=entry.cap_field or "max_tokens",
        developer_role=entry.developer_role or False,
        priced_as=priced_as,
        pass_fields=pass_fields,
        drop_fields=frozenset(entry.drop_fields or ()),
        auth=own.auth,
        headers=own.headers,
        query=own.query,
        pass_headers=own.pass_headers,
        lacks=own.lacks,
        speaks=_speaks(entry, base_url),
    )


def _speaks(entry: Entry, base_url: str) -> frozenset[DialectName]:
    speaks: frozenset[DialectName] = ONLY_CHAT if entry.speaks is None else frozenset(entry.speaks)
    if base_url == ECHO_URL and speaks != ONLY_CHAT:
        raise ValueError(f"speaks: {ECHO_URL} answers chat completions alone")
    return speaks


def _base_url(text: str) -> str:
    if text == ECHO_URL:
        return ECHO_URL
    problem = ValueError(f"base_url: write {WANTED['base_url']}")
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


class _Named:
    """By public name of model, or pattern of such, some names: what is let through for it, say. Mostly none are."""

    def __init__(self, names: Mapping[str, frozenset[str]]) -> None:
        self._names = names if any(names.values()) else {}
        self._patterns = Wildcards(self._names)

    def of(self, model: str) -> frozenset[str]:
        """The names for a model."""
        if not self._names:
            return NO_FIELDS
        if model in self._names and not is_pattern(model):
            return self._names[model]
        found = self._patterns.match(model)
        return NO_FIELDS if found is None else found[0]


class Routes(Mapping[str, frozenset[str]]):
    """By public name of model, the names of the prices that its answers may be charged by.

    It has all models that some upstream names, and those that match a pattern of one and are named by none. It lists
    the former alone; the latter are in `patterns`, as they are written. A name of the latter is plain where all of them
    have one price; where it is priced by itself, that is the price list's to say.
    """

    def __init__(self, upstreams: Iterable[Upstream]) -> None:
        found: dict[str, set[str]] = defaultdict(set)
        fields: dict[str, frozenset[str]] = {}
        dropped: dict[str, frozenset[str]] = {}
        headers: dict[str, frozenset[str]] = {}
        served: dict[str, set[str]] = defaultdict(set)
        self.all_speak_chat = True  # then nobody who asks in it needs another form
        for upstream in upstreams:
            self.all_speak_chat = self.all_speak_chat and "chat" in upstream.speaks
            for name, own_name in upstream.models.items():
                served[name].add(own_name)
                found[name].add(priced_as(upstream, name))
                fields[name] = fields.get(name, NO_FIELDS).union(upstream.pass_fields)
                dropped[name] = dropped.get(name, NO_FIELDS).union(upstream.drop_fields)
                headers[name] = headers.get(name, NO_FIELDS).union(upstream.pass_headers)
        self._named = {name: frozenset(prices) for name, prices in found.items() if not is_pattern(name)}
        self.patterns: Mapping[str, frozenset[str]] = {
            name: frozenset(prices) for name, prices in found.items() if is_pattern(name)
        }
        self._matching = Wildcards(self.patterns)
        self._fields = _Named(fields)
        self._dropped = _Named(dropped)
        self._headers = _Named(headers)
        self._served = {name: frozenset(names) for name, names in served.items()}
        self._served_by_pattern = Wildcards({name: self._served[name] for name in self.patterns})

    def pass_fields(self, model: str) -> frozenset[str]:
        """The fields unknown here that some upstream of a model lets through."""
        return self._fields.of(model)

    def drop_fields(self, model: str) -> frozenset[str]:
        """The fields that some upstream of a model is not sent."""
        return self._dropped.of(model)

    def pass_headers(self, model: str) -> frozenset[str]:
        """The headers of clients that some upstream of a model is to have."""
        return self._headers.of(model)

    def served_as(self, model: str) -> frozenset[str]:
        """The names by which the upstreams of a model know it."""
        if model in self._named:
            return self._served[model]
        found = self._served_by_pattern.match(model)
        return frozenset() if found is None else frozenset(fill(name, found[1]) for name in found[0])

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
