"""Errors of many vendors, each at every place where one can stand: what the client sees of it, who is asked next, and
that nothing which is the operator's own reaches a client."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import httpx
import orjson
import pytest

from functions.farebox.storage import Store
from tests.support.money.customers import open_customer
from tests.support.money.wallet_books import records_of
from tests.support.product.in_process import Instance, running
from tests.support.stand_ins.upstream import DONE, Received, Reply, StandIn, completion, raw, stream

PRICE = {"input_usd_per_1m": "2.50", "output_usd_per_1m": "10.00"}
HELLO: dict[str, Any] = {"messages": [{"role": "user", "content": "Hello"}]}
PLANTED = (
    "org-secretcorp", "acme-billing", "internal-deployment-7", "sk-operators-key", "acme.example", "proj_acme12345",
    "123456789012",
)  # fmt: skip


@dataclass(frozen=True)
class Error:
    """What an upstream answers. `told` is the status that the client sees, with `words` in its message; where it is
    `None` the next upstream is asked."""

    status: int
    body: Any
    told: int | None = None
    words: str = ""


def openai(message: str, code: str | None = None, kind: str = "invalid_request_error") -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def anthropic(kind: str, message: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_011CSHoEeqs5C35K2UUqR7Fy"}


def google(code: int, status: str, message: str, *details: Mapping[str, str]) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "status": status, "details": list(details)}}


MISSING = "The model internal-deployment-7 does not exist or you do not have access to it."
OPERATORS: dict[str, Error] = {
    "OpenAI key": Error(401, openai("Incorrect API key provided: sk-operators-key", "invalid_api_key")),
    "OpenAI quota": Error(
        429, openai("You exceeded your current quota, see acme-billing", "insufficient_quota", "insufficient_quota")
    ),
    "OpenAI limit": Error(
        429, openai("Rate limit reached in organization org-secretcorp on TPM", "rate_limit_exceeded", "tokens")
    ),
    "OpenAI project": Error(
        403, openai("Project `proj_acme12345` does not have access to model `internal-deployment-7`", "model_not_found")
    ),
    "OpenAI model": Error(404, openai(MISSING, "model_not_found")),
    "OpenAI hard limit": Error(400, openai("Billing hard limit of acme-billing reached", "billing_hard_limit_reached")),
    "OpenAI verification": Error(400, openai("Your organization must be verified to stream internal-deployment-7.")),
    "OpenAI country": Error(
        403, openai("Country, region, or territory not supported", "unsupported_country_region_territory")
    ),
    "OpenAI broken": Error(500, openai("The server had an error, org-secretcorp", None, "server_error")),
    "Anthropic credit": Error(400, anthropic("invalid_request_error", "Your credit balance is too low, acme-billing")),
    "Anthropic key": Error(401, anthropic("authentication_error", "invalid x-api-key sk-operators-key")),
    "Anthropic load": Error(529, anthropic("overloaded_error", "Overloaded")),
    "Anthropic limit": Error(429, anthropic("rate_limit_error", "org-secretcorp has 50,000 input tokens per minute")),
    "Anthropic model": Error(404, anthropic("not_found_error", "model: internal-deployment-7")),
    "Gemini key": Error(
        400, [google(400, "INVALID_ARGUMENT", "API key not valid: sk-operators-key", {"reason": "API_KEY_INVALID"})]
    ),
    "Gemini limit": Error(429, [google(429, "RESOURCE_EXHAUSTED", "Quota exceeded for project acme-billing")]),
    "Gemini load": Error(503, [google(503, "UNAVAILABLE", "The model is overloaded.")]),
    "Gemini service": Error(
        403,
        google(
            403, "PERMISSION_DENIED", "API has not been used in project 123456789012", {"reason": "SERVICE_DISABLED"}
        ),
    ),
    "Vertex model": Error(
        404, google(404, "NOT_FOUND", "Publisher Model `projects/acme-billing/models/internal-deployment-7` not found")
    ),
    "Azure deployment": Error(404, openai("The API deployment for this resource does not exist", "DeploymentNotFound")),
    "Azure key": Error(401, {"statusCode": 401, "message": "Access denied due to invalid subscription key"}),
    "Azure limit": Error(429, openai("Requests to internal-deployment-7 have exceeded call rate limit", "429")),
    "Bedrock model": Error(
        400, {"message": "The provided model identifier is invalid.", "__type": "ValidationException"}
    ),
    "Bedrock rights": Error(
        403, {"Message": "User: arn:aws:iam::123456789012:user/acme-billing is not authorized to invoke"}
    ),
    "Bedrock limit": Error(429, {"message": "Too many requests", "__type": "com.amazon#ThrottlingException"}),
    "Groq minute": Error(413, openai("org-secretcorp: tokens per minute 8000, asked 10000", "rate_limit_exceeded")),
    "Groq restricted": Error(400, openai("Organization has been restricted.", "organization_restricted")),
    "Mistral key": Error(401, {"message": "Unauthorized", "request_id": "acme-billing"}),
    "Mistral capacity": Error(
        429,
        {
            "object": "error",
            "message": "Service tier capacity exceeded",
            "type": "invalid_request_error",
            "code": "3505",
        },
    ),
    "MiniMax credit": Error(
        402,
        {"choices": None, "base_resp": {"status_code": 1008, "status_msg": "insufficient balance of acme-billing"}},
    ),
    "OpenRouter credits": Error(
        402, {"error": {"code": 402, "message": "Insufficient credits. Add more at https://acme.example/credits"}}
    ),
    "OpenRouter model": Error(
        404, {"error": {"code": 404, "message": "No endpoints found for internal-deployment-7."}}
    ),
    "OpenRouter behind": Error(
        502, {"error": {"code": 502, "message": "Provider returned error", "metadata": {"raw": "org-secretcorp"}}}
    ),
    "Ollama model": Error(404, {"error": "model 'internal-deployment-7' not found, try pulling it first"}),
    "Workers AI key": Error(403, {"errors": [{"code": 10000, "message": "Authentication error"}], "success": False}),
    "Workers AI day": Error(
        429, {"errors": [{"code": 3036, "message": "you have used up your daily free allocation"}], "success": False}
    ),
    "FastAPI key": Error(401, {"detail": "Not authenticated"}),
    "DeepSeek balance": Error(402, openai("Insufficient Balance", "invalid_request_error", "unknown_error")),
    "xAI key": Error(400, {"code": "invalid-argument", "error": "Incorrect API key provided: sk-operators-key"}),
    "LiteLLM budget": Error(
        400, openai("Budget has been exceeded! Current cost: 10.1, Max budget: 10.0", "400", "budget_exceeded")
    ),
    "LiteLLM budget by code": Error(429, openai("ExceededBudget: User=acme-billing over budget", "429", "None")),
    "LiteLLM model of a key": Error(
        401, openai("key not allowed to access model. This key can only access models=['internal-deployment-7']", "401")
    ),
    "LiteLLM none": Error(429, openai("No deployments available for selected model, Try again in 5 seconds", "429")),
    "vLLM model": Error(404, {"object": "error", "message": MISSING, "type": "NotFoundError", "code": 404}),
    "Hugging Face loading": Error(
        503, {"error": "Model internal-deployment-7 is currently loading", "estimated_time": 20}
    ),
    "Cohere trial": Error(429, {"message": "You are using a Trial key, which is limited to 10 API calls / minute."}),
    "Moonshot limit": Error(
        429,
        openai(
            "Your account org-secretcorp request reached max organization concurrency: 3",
            None,
            "rate_limit_reached_error",
        ),
    ),
    "DashScope arrears": Error(400, openai("Access denied, make sure your account is in good standing.", "Arrearage")),
    "NVIDIA rights": Error(403, {"status": 403, "title": "Forbidden", "detail": "Authorization failed"}),
    "Fireworks suspended": Error(
        412, {"error": {"message": "Account acme-billing is suspended", "code": "PRECONDITION_FAILED"}}
    ),
}
CALLERS: dict[str, Error] = {
    "OpenAI context": Error(
        400, openai("This model's maximum context length is 8192 tokens.", "context_length_exceeded"), 400, "8192"
    ),
    "Anthropic context": Error(
        400, anthropic("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"), 400, "210000"
    ),
    "Gemini context": Error(
        400, [google(400, "INVALID_ARGUMENT", "The input token count (1200000) exceeds the maximum")], 400, "1200000"
    ),
    "Bedrock context": Error(
        400, {"message": "Input is too long for requested model.", "__type": "ValidationException"}, 400, "too long"
    ),
    "a context that names an organisation": Error(
        400,
        openai("org-secretcorp: this model's maximum context length is 8192", "context_length_exceeded"),
        400,
        "8192",
    ),
    "a context that names a deployment": Error(
        400, openai("internal-deployment-7 has a maximum context length of 8192 tokens", None), 400, "8192"
    ),
    "Azure filter": Error(
        400,
        openai("The response was filtered due to Azure's content management policy", "content_filter"),
        400,
        "filter",
    ),
    "OpenAI moderation": Error(400, openai("Your prompt was flagged as violating our usage policy"), 400, "flagged"),
    "DashScope inspection": Error(
        400, openai("Input may contain bad content", "data_inspection_failed"), 400, "content"
    ),
    "Mistral field": Error(
        422, {"detail": [{"loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}]}, 422, "body.seed"
    ),
    "vLLM field": Error(
        400,
        {"object": "error", "message": "top_k must be -1 or at least 1", "type": "BadRequestError", "code": 400},
        400,
        "top_k",
    ),
    "Ollama field": Error(400, {"error": "invalid options: temperature"}, 400, "temperature"),
    "Workers AI field": Error(
        400,
        {"errors": [{"code": 5006, "message": "AiError: Bad input: at /messages"}], "success": False},
        400,
        "/messages",
    ),
    "Gemini field": Error(400, [google(400, "INVALID_ARGUMENT", "Invalid value at 'tools[0]'")], 400, "tools"),
    "xAI field": Error(422, {"code": "422", "error": "Failed to deserialize: unknown variant"}, 422, "unknown variant"),
    "Groq tool": Error(400, openai("Failed to call a function.", "tool_use_failed"), 400, "function"),
}
ERRORS = {**OPERATORS, **CALLERS}

Place = Literal["status", "body", "first event", "event: error", "after a role", "in a choice"]
ROLE = {"id": "c", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"role": "assistant"}}]}
EVENTS = {"content-type": "text/event-stream"}


def _event(payload: object) -> bytes:
    return b"data: " + orjson.dumps(payload) + b"\n\n"


def reply(error: Error, place: Place, *, streamed: bool) -> Reply:
    """The error at a place. Inside a 200 it names its status as vendors do, where the body doesn't."""
    if place == "status":
        return raw(orjson.dumps(error.body), headers={"content-type": "application/json"}, status=error.status)
    body = error.body[0] if isinstance(error.body, list) and place != "body" else error.body
    if isinstance(body, dict) and "error" not in body and "errors" not in body:
        body = {"status": error.status, **body}
    elif isinstance(body, dict) and isinstance(body.get("error"), dict) and type(body["error"].get("code")) is not int:
        body = {**body, "error": {"status": error.status, **body["error"]}}
    elif isinstance(body, dict):
        body = {"status": error.status, **body}
    if place == "in a choice":
        told = body["error"] if isinstance(body.get("error"), dict) else body
        part = "delta" if streamed else "message"
        choice = {"index": 0, part: {"content": ""}, "finish_reason": "error", "error": told}
        chunk = {"id": "c", "object": "chat.completion", "choices": [choice]}
        if not streamed:
            return raw(orjson.dumps(chunk), headers={"content-type": "application/json"})
        return raw(_event(chunk), DONE, headers=EVENTS)
    if place == "body":
        return raw(orjson.dumps(body), headers={"content-type": "application/json"})
    if place == "event: error":
        return raw(b"event: error\n" + _event(body), headers=EVENTS)
    before = [_event(ROLE)] if place == "after a role" else []
    return raw(*before, _event(body), headers=EVENTS)


def _problems(name: str, error: Error, answer: httpx.Response, asked: int, *, has_spare: bool) -> Sequence[str]:
    found = []
    seen = answer.text + str(answer.headers)
    found += [f"{name}: the client sees {word}" for word in PLANTED if word in seen]
    if error.told is not None:
        if answer.status_code not in (error.told, 400) or error.words not in answer.text:
            found.append(f"{name}: {answer.status_code} {answer.text[:200]}")
        if asked != 1:
            found.append(f"{name}: asked {asked} times")
    elif has_spare:
        if answer.status_code != 200 or "spare" not in answer.headers["x-farebox-upstream"]:
            found.append(f"{name}: {answer.status_code} {answer.text[:200]}")
    elif answer.status_code not in (502, 503):
        found.append(f"{name}: {answer.status_code} {answer.text[:200]}")
    return found


PLACES: list[tuple[Place, bool]] = [
    ("status", False),
    ("status", True),
    ("body", False),
    ("body", True),
    ("in a choice", False),
    ("in a choice", True),
    ("first event", True),
    ("event: error", True),
    ("after a role", True),
]


def _numbered() -> dict[str, Error]:
    return {f"m-{number}": error for number, error in enumerate(ERRORS.values())}


async def _ask(instance: Instance, store: Store, model: str, *, streamed: bool) -> tuple[httpx.Response, int]:
    """The answer, and what it was charged, to somebody who has met no error yet."""
    customer = await open_customer(store, "1")
    body = {"model": model, **HELLO, **({"stream": True} if streamed else {})}
    answer = await instance.ask(customer.bearer, body)
    [record] = await records_of(store, customer.uid)
    return answer, record["charged"]


@pytest.mark.parametrize(("place", "streamed"), PLACES)
async def test_an_error_is_told_to_whom_it_is_and_the_next_is_asked_where_it_is_not_the_callers(
    sqlite_store: Store, place: Place, streamed: bool
) -> None:
    errors = _numbered()

    def failing(received: Received) -> Reply:
        own = received.json["model"]
        found = reply(errors[own.removeprefix("internal-deployment-7-")], place, streamed=streamed)
        steps = [
            step.replace(b"internal-deployment-7", own.encode()) for step in found.steps if isinstance(step, bytes)
        ]
        return replace(found, steps=steps)

    async with StandIn() as bad, StandIn() as good:
        bad.default = failing
        entries = []
        for model in errors:
            own = f"internal-deployment-7-{model}"
            entries.append({**bad.entry(f"up-{model}"), "models": {model: own}, "api_key": "sk-operators-key"})
            entries.append({**bad.entry(f"alone-{model}"), "models": {f"alone-{model}": own}})
        entries.append(good.entry("spare", *errors, priority=1))
        pricing = dict.fromkeys([*errors, *(f"alone-{model}" for model in errors)], PRICE)
        upstreams = orjson.dumps(entries).decode()
        problems: list[str] = []
        async with running(sqlite_store, pricing=pricing, FAREBOX_UPSTREAMS=upstreams) as instance:
            for name, (model, error) in zip(ERRORS, errors.items(), strict=True):
                for asked in (model, f"alone-{model}"):
                    before = len(bad.requests)
                    answer, charged = await _ask(instance, sqlite_store, asked, streamed=streamed)
                    has_spare = asked == model
                    times = len(bad.requests) - before
                    problems += _problems(name, error, answer, times, has_spare=has_spare)
                    if charged and (error.told is not None or not has_spare):
                        problems.append(f"{name}: charged {charged}")
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("named", [True, False], ids=["event: error", "data"])
async def test_an_error_after_words_ends_the_stream_as_broken_and_tells_nothing_of_the_operators(
    sqlite_store: Store, named: bool
) -> None:
    errors = _numbered()

    def failing(received: Received) -> Reply:
        error = errors[received.json["model"]]
        body = error.body[0] if isinstance(error.body, list) else error.body
        said = {**ROLE, "choices": [{"index": 0, "delta": {"content": "said"}, "finish_reason": None}]}
        return raw(_event(said), (b"event: error\n" if named else b"") + _event(body), DONE, headers=EVENTS)

    async with StandIn() as bad, StandIn() as good:
        bad.default = failing
        entries = [{**bad.entry(f"up-{model}"), "models": {model: model}} for model in errors]
        entries.append(good.entry("spare", *errors, priority=1))
        pricing, problems = dict.fromkeys(errors, PRICE), []
        async with running(sqlite_store, pricing=pricing, FAREBOX_UPSTREAMS=orjson.dumps(entries).decode()) as instance:
            for name, model in zip(ERRORS, errors, strict=True):
                answer, _ = await _ask(instance, sqlite_store, model, streamed=True)
                problems += [f"{name}: the client sees {word}" for word in PLANTED if word in answer.text]
                if "[DONE]" in answer.text or '"upstream_error"' not in answer.text or "said" not in answer.text:
                    problems.append(f"{name}: {answer.text[-300:]}")
        assert not good.requests
    assert not problems, "\n".join(problems)


async def test_the_stand_ins_answers_are_answers(sqlite_store: Store) -> None:
    """So that an error above is one by what is wrong in it."""
    async with (
        StandIn() as upstream,
        running(
            sqlite_store, pricing={"m": PRICE}, FAREBOX_UPSTREAMS=orjson.dumps([upstream.entry("up", "m")]).decode()
        ) as instance,
    ):
        upstream.script(completion(), stream())
        for streamed in (False, True):
            answer, charged = await _ask(instance, sqlite_store, "m", streamed=streamed)
            assert (answer.status_code, charged > 0) == (200, True)
