"""Farebox as the billing authority of a LiteLLM proxy: a `CustomLogger` for its `callbacks`.

Before a call the proxy asks whether the user may spend, and refuses with 402 if not; after it the cost is logged, under
an id that the hook made, so that a callback that is delivered three times charges once. With `FAREBOX_HOLD_USD`, each
call holds so much from before until after: then users cannot overspend by asking for many things at once.

    FAREBOX_URL            where Farebox is: https://farebox.example.com
    FAREBOX_BILLING_KEY    its BILLING_API_KEY
    FAREBOX_USERS          a JSON object: LiteLLM's user id to Farebox's. Who is not in it is sent as they are
    FAREBOX_HOLD_USD       USD to hold for each call, as a decimal string
    FAREBOX_FREE_MODELS    models that may cost nothing, by commas. Any other that costs nothing has no price here
    FAREBOX_PASS_FIELDS    fields that clients may send beyond those listed below, by commas

The user is the key's `farebox_user` metadata, or the user whose key it is. What a client writes into the request's own
`user` field or metadata is not believed. Whoever cannot be told, or while Farebox does not answer, is refused: nothing
is served on trust. Interfaces: https://docs.litellm.ai/docs/proxy/call_hooks, .../observability/custom_callback.

LiteLLM mixes what clients send with its own parameters. Some name the call (`x-litellm-call-id`), set its price
(`input_cost_per_token`, `custom_llm_provider`) or keep callbacks from running (`no-log`, `has_logged_async_success`,
`litellm_params`), and each of its versions has others: so only the fields of the APIs themselves are let through.
"""

import asyncio
import json
import logging
import os
import time
import uuid
from collections.abc import Mapping
from typing import Any

import httpx
from fastapi import HTTPException
from litellm.integrations.custom_logger import CustomLogger

log = logging.getLogger("farebox")

ASK_TIMEOUT_S = 10.0
TELL_ATTEMPTS = 6  # over half a minute
FIRST_PAUSE_S = 0.5
VOID_AFTER_S = 10.0  # that LiteLLM has to tell of a charge after all, when a call has failed
TOLD_WITHIN_S = 3600.0  # no call runs longer: one that LiteLLM told nothing of by then is given up
MOST_TOKENS = 10_000_000  # that are noted beside a charge; it is made whatever they are
USER = "farebox_user"  # in a key's metadata
NOTE = "farebox"  # in a call's metadata: whom and what the pre-call hook let pass, and its id

# What is billed, by LiteLLM's `call_type`, which has an "a" before it where it is asynchronous: by its tokens, or else.
# Of other calls (batches, files, realtime, pass-through) it tells the cost later, or never.
BY_TOKENS = {"completion", "text_completion", "embedding", "embeddings", "anthropic_messages", "responses"}
BY_ELSE = {"image_generation", "speech", "transcription", "audio_transcription", "rerank", "moderation"}
# Their `metadata` is the vendor's and goes to it; LiteLLM's own is in `litellm_metadata` there.
WITH_VENDOR_METADATA = {"anthropic_messages", "responses"}

# The fields of OpenAI's and Anthropic's APIs and of those that resemble them, and what LiteLLM makes of its headers.
FIELDS = """
model messages stream stream_options temperature top_p top_k min_p top_a n stop seed user max_tokens
max_completion_tokens presence_penalty frequency_penalty repetition_penalty logit_bias logprobs top_logprobs
response_format tools tool_choice parallel_tool_calls functions function_call reasoning_effort reasoning thinking
verbosity modalities audio prediction web_search_options safety_identifier prompt_cache_key metadata store
prompt_cache_retention service_tier prompt suffix echo best_of input encoding_format dimensions input_type
system stop_sequences container context_management output_config mcp_servers cache_control
instructions include max_output_tokens max_tool_calls previous_response_id text truncation background
size quality style output_format output_compression moderation voice speed file language timestamp_granularities
query documents top_n rank_fields return_documents max_chunks_per_doc max_tokens_per_doc
litellm_metadata litellm_session_id litellm_trace_id keepalive_seconds tags
"""
# Of a field these values alone are let through: others change when a call is billed, or its price.
ONLY: Mapping[str, tuple[Any, ...]] = {
    "background": (None, False, "auto", "transparent", "opaque"),  # of a response; of an image its colour
    "service_tier": (None, "auto", "default", "standard_only"),
}
# Left out: who gives up early and has it tried again is served by an upstream for nothing.
IMPATIENCE = {"timeout", "request_timeout", "stream_timeout", "num_retries", "client_side_timeout"}
# What LiteLLM puts beside a client's fields, where it keeps no copy of these.
OWN = {"litellm_call_id", "litellm_logging_obj", "proxy_server_request", "secret_fields"}
SILENCING = "x-litellm-disable-callbacks"  # a header
PRICING = "model_info"  # in metadata


class FareboxHook(CustomLogger):  # type: ignore[misc] # LiteLLM's classes are untyped here
    """Asks before, tells after. `transport` is httpx's, for tests."""

    def __init__(
        self, environment: Mapping[str, str] = os.environ, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        super().__init__()
        self._url = environment["FAREBOX_URL"].rstrip("/")
        self._headers = {"x-api-key": environment["FAREBOX_BILLING_KEY"]}
        self._users: dict[str, str] = json.loads(environment.get("FAREBOX_USERS") or "{}")
        self._hold_usd = environment.get("FAREBOX_HOLD_USD") or None
        self._free = _names(environment.get("FAREBOX_FREE_MODELS"))
        self._passed = _names(environment.get("FAREBOX_PASS_FIELDS"))
        self._fields = frozenset(FIELDS.split())
        self._transport = transport
        self._unpriced: set[str] = set()
        self._under_way: dict[str, tuple[float, dict[str, str]]] = {}  # oldest first: since when, and the note
        self._voids: set[asyncio.Task[None]] = set()

    async def async_pre_call_hook(
        self, user_api_key_dict: Any, cache: Any, data: dict[str, Any], call_type: str
    ) -> dict[str, Any]:
        """Refuse a call that cannot be billed, or whose user may not spend. The user is noted in its metadata for the
        events, with an id that no client knows or can set."""
        self._give_up()
        kind = call_type if call_type in BY_TOKENS | BY_ELSE else call_type.removeprefix("a")
        model = str(data.get("model", ""))
        if kind not in BY_TOKENS | BY_ELSE:
            raise _refusal(403, "not_offered", f"Calls of this kind ({call_type}) cannot be billed here.")
        if model in self._unpriced:
            raise _refusal(404, "model_not_found", "This model has no price here, so it is not served.", "model")
        self._check(data)
        uid = self._user_of(user_api_key_dict)
        if uid is None:
            raise _refusal(403, "account_unknown", "This key belongs to no user whom Farebox knows of.")
        note = {
            "user": uid,
            "model": model,
            "kind": kind,
            "id": uuid.uuid4().hex,
            "call": str(data.get("litellm_call_id") or ""),
        }
        if self._hold_usd is None:
            verdict = await self._ask("/api/check-budget", {"user_id": uid, "model": model})
            if not verdict["allowed"]:
                raise _refusal(402, verdict["status"], verdict["message"])
        else:
            terms = {"user_id": uid, "model": model, "max_cost_usd": self._hold_usd, "request_id": note["id"]}
            await self._ask("/api/authorize", terms)
        own = "litellm_metadata" if kind in WITH_VENDOR_METADATA else "metadata"
        for name in ("metadata", "litellm_metadata"):
            if name == own or name in data:
                kept = {key: value for key, value in (data.get(name) or {}).items() if key not in (NOTE, PRICING)}
                data[name] = {**kept, NOTE: note} if name == own else kept
        self._under_way[note["id"]] = (time.monotonic(), note)
        return data

    async def async_log_success_event(
        self, kwargs: Mapping[str, Any], response_obj: Any, start_time: Any, end_time: Any
    ) -> None:
        """Charge a call. An answer from LiteLLM's cache costs what LiteLLM says: nothing."""
        note = _note(kwargs.get("litellm_params"))
        if note is None:
            return  # a health check of the proxy's own: no pre-call hook saw it
        self._under_way.pop(note["id"], None)
        call = kwargs.get("standard_logging_object") or {}
        tokens = _tokens(call.get("prompt_tokens")) + _tokens(call.get("completion_tokens"))
        cost = call.get("response_cost") or kwargs.get("response_cost") or 0
        if not cost and kwargs.get("cache_hit") is not True and note["model"] not in self._free:
            if tokens or note["kind"] in BY_ELSE:  # an empty answer says nothing of its model
                self._unpriced.add(note["model"])
            if self._hold_usd is None:
                _lose("LiteLLM knows no price of it", note)  # it says 0 then as well
                return
            cost = float(self._hold_usd)
        told = str(kwargs.get("litellm_call_id"))  # another one's is a call that was made for this one
        own = note["id"] if note["call"] in ("", told) else f"{note['id']}.{told}"
        await self._charge(own, note, call, cost, start_time, end_time)

    async def async_log_failure_event(
        self, kwargs: Mapping[str, Any], response_obj: Any, start_time: Any, end_time: Any
    ) -> None:
        """Charge what an attempt cost before it failed. The hold stays: LiteLLM may try again."""
        note, call = _note(kwargs.get("litellm_params")), kwargs.get("standard_logging_object") or {}
        if note is not None and (cost := call.get("response_cost")):
            await self._charge(f"{note['id']}.failed", note, call, cost, start_time, end_time)

    async def async_post_call_failure_hook(
        self,
        request_data: Mapping[str, Any],
        original_exception: Any,
        user_api_key_dict: Any,
        traceback_str: Any = None,
    ) -> None:
        """Let go of the hold of a call that has failed for good, if no charge comes after all."""
        note = _note(request_data)
        if note is not None:
            void = asyncio.create_task(self._void(note["id"]))
            self._voids.add(void)
            void.add_done_callback(self._voids.discard)

    async def _void(self, call_id: str) -> None:
        await asyncio.sleep(VOID_AFTER_S)
        if self._under_way.pop(call_id, None) is not None and self._hold_usd is not None:
            await self._tell("/api/void", {"request_id": call_id})

    async def _charge(
        self, request_id: str, note: Mapping[str, str], call: Mapping[str, Any], cost: float, start: Any, end: Any
    ) -> None:
        body = {
            "user_id": note["user"],
            "model": note["model"],
            "request_id": request_id,
            "tokens_input": _tokens(call.get("prompt_tokens")),
            "tokens_output": _tokens(call.get("completion_tokens")),
            "cost_total": cost,
            "response_time": max(0.0, (end - start).total_seconds() * 1000),
        }
        fault = await self._tell("/api/log-usage", body)
        if fault is not None:
            _lose(fault, body)

    def _check(self, data: dict[str, Any]) -> None:
        """Refuse what could keep a call from being billed, or change its price."""
        request = data.get("proxy_server_request") or {}
        if SILENCING in {name.lower() for name in request.get("headers") or {}}:
            raise _refusal(400, "unsupported_parameter", f"The header {SILENCING} is not offered here.", SILENCING)
        sent = request.get("body")  # LiteLLM's copy of what the client sent
        sent = set(sent) if isinstance(sent, dict) else set(data) - OWN
        for name in IMPATIENCE - self._passed:
            data.pop(name, None)
        for name in sorted(sent - IMPATIENCE - self._passed):
            if name not in self._fields or data.get(name) not in ONLY.get(name, (data.get(name),)):
                raise _refusal(400, "unsupported_parameter", f"{name} is not offered here: leave it out.", name)

    def _give_up(self) -> None:
        """Tell the operator of calls that LiteLLM let run and never told of."""
        for call_id, (since, note) in list(self._under_way.items()):
            if time.monotonic() - since < TOLD_WITHIN_S:
                return
            del self._under_way[call_id]
            _lose("LiteLLM told nothing of it, unless its client hung up", note)

    def _user_of(self, key: Any) -> str | None:
        named = (getattr(key, "metadata", None) or {}).get(USER)
        user_id = named or getattr(key, "user_id", None)
        return None if user_id is None else self._users.get(user_id, user_id)

    async def _ask(self, path: str, body: Mapping[str, Any]) -> Any:
        try:
            answer = await self._post(path, body)
        except httpx.HTTPError as error:
            raise _refusal(503, "billing_unavailable", "The billing service does not answer. Try again.") from error
        if answer.is_success:
            return answer.json()
        if answer.status_code in (402, 403, 404):
            told = answer.json()["error"]
            raise _refusal(403 if answer.status_code == 404 else answer.status_code, told["code"], told["message"])
        log.error("Farebox refused %s: %s %s", path, answer.status_code, answer.text[:500])
        raise _refusal(503, "billing_unavailable", "The billing service does not answer as it should. Try again.")

    async def _tell(self, path: str, body: Mapping[str, Any]) -> str | None:
        """Say it until it is heard, and answer why it was not. Each id is charged once, however often it is said."""
        fault, pause_s = "", FIRST_PAUSE_S
        for attempt in range(TELL_ATTEMPTS):
            if attempt:
                await asyncio.sleep(pause_s)
                pause_s *= 2
            try:
                answer = await self._post(path, body)
            except httpx.HTTPError as error:
                fault = f"Farebox does not answer: {error!r}"
                continue
            if answer.is_success:
                return None
            fault = f"Farebox refused it: {answer.status_code} {answer.text[:500]}"
            if answer.status_code < 500 and answer.status_code != 429:
                break
        return fault

    async def _post(self, path: str, body: Mapping[str, Any]) -> httpx.Response:
        async with httpx.AsyncClient(
            base_url=self._url, headers=self._headers, timeout=ASK_TIMEOUT_S, transport=self._transport
        ) as client:
            return await client.post(path, json=dict(body))


def _names(listed: str | None) -> frozenset[str]:
    return frozenset(name.strip() for name in (listed or "").split(",")) - {""}


def _note(place: Mapping[str, Any] | None) -> dict[str, str] | None:
    """What the pre-call hook noted. It replaced whatever a client had written there."""
    for name in ("metadata", "litellm_metadata"):
        note: dict[str, str] | None = ((place or {}).get(name) or {}).get(NOTE)
        if note is not None:
            return note
    return None


def _tokens(told: Any) -> int:
    return min(max(told, 0), MOST_TOKENS) if isinstance(told, int) else 0


def _lose(why: str, what: Mapping[str, Any]) -> None:
    """Tell the operator of a call that may have cost something and is not charged."""
    log.error("A loss: a call was not charged, %s: %s", why, json.dumps(dict(what)))


def _refusal(status: int, code: str, message: str, param: str | None = None) -> HTTPException:
    error = {"message": message, "type": "billing", "param": param, "code": code}
    return HTTPException(status, detail={"error": error})


if "FAREBOX_URL" in os.environ:
    farebox = FareboxHook()  # what `callbacks: farebox_hook.farebox` names
