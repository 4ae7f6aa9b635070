"""The form of an upstream's entry: its fields, what may stand in each, and what is said of them."""

import re
from typing import Annotated, Literal

from msgspec import Meta, Struct

from functions.farebox.kit.secret_names import SECRET_NAME

ECHO_URL = "echo:"
MAX_MODELS = 1000
MAX_FIELDS = 100
MAX_HEADERS = 50
MAX_TIMEOUT_S = 3600.0
MAX_PRIORITY = 1000
MAX_WEIGHT = 1000

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
KEY = re.compile(r"[!-~]{1,4096}")
HEADER_VALUE = re.compile(r"[!-~]([ -~]{0,4094}[!-~])?")
QUERY_VALUE = re.compile(r"[ -~]{0,4096}")

_TOKEN = r"\A[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}\Z"  # RFC 9110, 5.6.2

_Name = Annotated[str, Meta(pattern=r"\A[!-~]{1,200}\Z")]
_Names = Annotated[dict[_Name, _Name], Meta(min_length=1, max_length=MAX_MODELS)]
_Field = Annotated[str, Meta(pattern=r"\A[!-~]{1,64}\Z")]
_Fields = Annotated[list[_Field], Meta(max_length=MAX_FIELDS)]
_Priority = Annotated[int, Meta(ge=0, le=MAX_PRIORITY)]
_Weight = Annotated[int, Meta(ge=1, le=MAX_WEIGHT)]
_Seconds = Annotated[float, Meta(gt=0, le=MAX_TIMEOUT_S)]
_HeaderName = Annotated[str, Meta(pattern=_TOKEN)]
_HeaderNames = Annotated[list[_HeaderName], Meta(max_length=MAX_HEADERS)]


class NamedSecret(Struct, frozen=True, forbid_unknown_fields=True):
    """A secret by its name in Secret Manager, in place of its value."""

    secret: Annotated[str, Meta(pattern=rf"\A{SECRET_NAME}\Z", max_length=500)]


class KeyHeader(Struct, frozen=True, forbid_unknown_fields=True):
    """The header that a key goes in, as it is."""

    header: _HeaderName


Auth = Literal["bearer", "google"] | KeyHeader
# What requests are written in, and their answers: OpenAI's chat completions, Anthropic's Messages, OpenAI's Responses,
# and OpenAI's legacy completions.
DialectName = Literal["chat", "messages", "responses", "completions"]

_Speaks = Annotated[list[DialectName], Meta(min_length=1, max_length=4)]
_Key = Annotated[str, Meta(pattern=rf"\A{KEY.pattern}\Z")]
_HeaderValue = Annotated[str, Meta(pattern=rf"\A{HEADER_VALUE.pattern}\Z")]
_QueryValue = Annotated[str, Meta(pattern=rf"\A{QUERY_VALUE.pattern}\Z")]
_Headers = Annotated[dict[_HeaderName, _HeaderValue | NamedSecret], Meta(max_length=MAX_HEADERS)]
_Query = Annotated[
    dict[Annotated[str, Meta(pattern=r"\A[!-~]{1,100}\Z")], _QueryValue | NamedSecret], Meta(max_length=MAX_HEADERS)
]


class Entry(Struct, forbid_unknown_fields=True, kw_only=True):
    """An entry as it is written. What is `None` has its default."""

    id: Annotated[str, Meta(pattern=rf"\A{ID.pattern}\Z")]
    base_url: str
    models: Annotated[_Names, Meta(description="Public names, and the upstream's own")]
    api_key: Annotated[_Key | NamedSecret | None, Meta(description="Never answered")] = None
    auth: Annotated[Auth | None, Meta(description="How the key is sent; or the service account's tokens")] = None
    headers: Annotated[_Headers | None, Meta(description="Sent with each request; values are never answered")] = None
    query: Annotated[_Query | None, Meta(description="Added to each address; values are never answered")] = None
    speaks: Annotated[_Speaks | None, Meta(description="The dialects that it answers itself")] = None
    pass_headers: Annotated[_HeaderNames | None, Meta(description="Headers of clients that it may have")] = None
    priority: Annotated[_Priority | None, Meta(description="Lower is tried first")] = None
    weight: Annotated[_Weight | None, Meta(description="A share among equals")] = None
    timeout_s: _Seconds | None = None
    connect_timeout_s: _Seconds | None = None
    idle_timeout_s: _Seconds | None = None
    cap_field: Annotated[str, Meta(pattern=r"\A[a-z_]{1,64}\Z")] | None = None
    developer_role: Annotated[bool | None, Meta(description="Whether it knows the role developer")] = None
    priced_as: Annotated[_Names | None, Meta(description="Public names, and entries of the price list")] = None
    pass_fields: Annotated[_Fields | None, Meta(description="Fields of requests, unknown here, that it may have")] = (
        None
    )
    drop_fields: Annotated[_Fields | None, Meta(description="Fields of requests that it may not have")] = None


_SECONDS = f"seconds, more than 0 and at most {MAX_TIMEOUT_S:.0f}"
_NAMES = f"an object of 1 to {MAX_MODELS} public names and {{}}, each of 1 to 200 printable characters without spaces"
_FIELDS = f"a list of at most {MAX_FIELDS} names of request fields"
_SECRET = '{"secret": "projects/PROJECT/secrets/NAME"}'
WANTED = {
    "id": "1 to 64 of A-Z a-z 0-9 . _ -",
    "base_url": f"an http or https address without a query, or {ECHO_URL!r}",
    "models": _NAMES.format("upstream names"),
    "api_key": f"printable ASCII, or {_SECRET}",
    "auth": '"bearer", "google" or {"header": NAME}',
    "headers": f"at most {MAX_HEADERS} names of headers, each with a value of printable ASCII or {_SECRET}",
    "query": f"at most {MAX_HEADERS} names, each with a value of printable ASCII or {_SECRET}",
    "speaks": "a list of chat, messages, responses, completions, or some of them",
    "pass_headers": f"a list of at most {MAX_HEADERS} names of headers",
    "priority": f"a whole number from 0 to {MAX_PRIORITY}",
    "weight": f"a whole number from 1 to {MAX_WEIGHT}",
    "timeout_s": _SECONDS,
    "connect_timeout_s": _SECONDS,
    "idle_timeout_s": _SECONDS,
    "cap_field": "the name of a request field",
    "developer_role": "true or false",
    "priced_as": _NAMES.format("names in the price list"),
    "pass_fields": _FIELDS,
    "drop_fields": _FIELDS,
}
SECRET_FIELDS = ("headers", "query")  # beside the key: their values may be secrets
