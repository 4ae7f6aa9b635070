"""What a client is told of a fault of its own: the vendor's words in OpenAI's shape, without what is the operator's."""

import re
from urllib.parse import urlsplit

import orjson

from functions.farebox.gateway.answers import RejectedAnswer, Source
from functions.farebox.gateway.faults.meaning import Fault
from functions.farebox.gateway.routing import Candidate
from functions.farebox.gateway.upstream import Upstream

UNQUOTABLE = "The model's server refused the request as invalid."
CODES = {"context": "context_length_exceeded", "refused": "content_filter"}

# Addresses lead to the operator's pages, accounts and machines; the others are names of organisations, projects and the
# like, and where a server keeps its models.
_OPERATORS = re.compile(
    r"https?://\S+|\b(org|proj|acct|ws|team|user|key|req|project|organization|tenant|account)[-_][A-Za-z0-9][\w-]{5,}"
    r"|\bprojects/[\w:.-]+|\barn:aws[\w-]*:\S+|\b[\w.+-]{1,64}@[\w-]+\.[\w.-]+"
    r"|\b([\w-]{1,63}\.){1,16}(local|internal|corp|lan|svc|cluster|azure\.com|amazonaws\.com|run\.app)\b(:\d+)?"
    r"|(?<![\w/])/(srv|home|var|opt|mnt|data|models|usr|root|tmp|etc|app|workspace)/\S+",
    re.IGNORECASE,
)


def rejected(
    source: Source, fault: Fault, candidate: Candidate, asked_model: str, *, of_stream_options: bool = False
) -> RejectedAnswer:
    """The refusal as a client is answered it: an error with OpenAI's four keys. Where the upstream names its model, the
    one that was asked for takes its place."""
    told = fault.told
    message = _without_the_operators(told.message, candidate.upstream, candidate.model, asked_model) or UNQUOTABLE
    error = {
        "message": message,
        "type": told.kind or "invalid_request_error",
        "param": told.param,
        "code": CODES.get(fault.reason, told.code),
    }
    return RejectedAnswer(source, orjson.dumps({"error": error}), fault.status, fault.reason, of_stream_options)


def _without_the_operators(message: str, upstream: Upstream, model: str, public_model: str) -> str:
    for secret in (upstream.api_key, upstream.base_url, urlsplit(upstream.base_url).netloc):
        if secret:
            message = message.replace(secret, "[upstream]")
    if model != public_model:
        message = re.sub(rf"(?<![\w-]){re.escape(model)}(?![\w-])", lambda _: public_model, message)
    return _OPERATORS.sub("[upstream]", message)
