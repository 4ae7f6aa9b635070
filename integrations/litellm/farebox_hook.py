"""Farebox as the billing authority of a LiteLLM proxy: a `CustomLogger` for its `callbacks`.

Before a call the proxy asks whether the user may spend, and refuses with 402 if not; after it the cost is logged, under
LiteLLM's own call id, so that a callback that is delivered three times charges once. With `FAREBOX_HOLD_USD`, each
call holds so much from before until after: then users cannot overspend by asking for many things at once.

    FAREBOX_URL            where Farebox is: https://farebox.example.com
    FAREBOX_BILLING_KEY    its BILLING_API_KEY
    FAREBOX_USERS          a JSON object: LiteLLM's user id to Farebox's. Who is not in it is sent as they are
    FAREBOX_HOLD_USD       USD to hold for each call, as a decimal string

The user is the key's `farebox_user` metadata, or the user whose key it is. What a client writes into the request's own
`user` field or metadata is not believed. Whoever cannot be told, or while Farebox does not answer, is refused: nothing
is served on trust. Interfaces: https://docs.litellm.ai/docs/proxy/call_hooks, .../observability/custom_callback.
"""

import asyncio
import json
import logging
import os
from collections.abc import Mapping
from typing import Any

import httpx
from fastapi import HTTPException
from litellm.integrations.custom_logger import CustomLogger

log = logging.getLogger("farebox")

ASK_TIMEOUT_S = 10.0
TELL_ATTEMPTS = 6  # over half a minute
FIRST_PAUSE_S = 0.5
USER = "farebox_user"  # in a key's metadata
NOTE = "farebox"  # in a call's metadata: whom and what the pre-call hook let pass


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
        self._transport = transport

    async def async_pre_call_hook(
        self, user_api_key_dict: Any, cache: Any, data: dict[str, Any], call_type: str
    ) -> dict[str, Any]:
        """Refuse a call whose user may not spend. The user is noted in the call's metadata for the events."""
        uid = self._user_of(user_api_key_dict)
        if uid is None:
            raise _refusal(403, "account_unknown", "This key belongs to no user whom Farebox knows of.")
        call_id, model = str(data["litellm_call_id"]), str(data.get("model", ""))
        if self._hold_usd is None:
            verdict = await self._ask("/api/check-budget", {"user_id": uid, "model": model})
            if not verdict["allowed"]:
                raise _refusal(402, verdict["status"], verdict["message"])
        else:
            terms = {"user_id": uid, "model": model, "max_cost_usd": self._hold_usd, "request_id": call_id}
            await self._ask("/api/authorize", terms)
        for name in ("metadata", "litellm_metadata"):
            if name == "metadata" or name in data:
                data[name] = {**(data.get(name) or {}), NOTE: {"user": uid, "model": model}}
        return data

    async def async_log_success_event(
        self, kwargs: Mapping[str, Any], response_obj: Any, start_time: Any, end_time: Any
    ) -> None:
        """Charge a call. An answer from LiteLLM's cache costs what LiteLLM says: nothing."""
        call, note = kwargs["standard_logging_object"], _note(kwargs)
        if note is None:
            return  # a health check of the proxy's own: no pre-call hook saw it
        await self._tell(
            "/api/log-usage",
            {
                "user_id": note["user"],
                "model": note["model"],
                "request_id": str(kwargs["litellm_call_id"]),
                "tokens_input": call.get("prompt_tokens") or 0,
                "tokens_output": call.get("completion_tokens") or 0,
                "cost_total": call.get("response_cost") or 0,
                "response_time": max(0.0, (end_time - start_time).total_seconds() * 1000),
            },
        )

    async def async_log_failure_event(
        self, kwargs: Mapping[str, Any], response_obj: Any, start_time: Any, end_time: Any
    ) -> None:
        """Let go of the hold of a call that failed. It also fires for calls that were refused and held nothing."""
        if self._hold_usd is not None and _note(kwargs) is not None:
            await self._tell("/api/void", {"request_id": str(kwargs["litellm_call_id"])})

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

    async def _tell(self, path: str, body: Mapping[str, Any]) -> None:
        """Say it until it is heard; each call is charged once, however often it is said."""
        pause_s = FIRST_PAUSE_S
        for attempt in range(1, TELL_ATTEMPTS + 1):
            try:
                answer = await self._post(path, body)
                if answer.status_code < 500:
                    if not answer.is_success and answer.status_code != 404:
                        log.error("Farebox refused %s: %s %s", path, answer.status_code, answer.text[:500])
                    return
            except httpx.HTTPError as error:
                log.warning("Farebox does not answer: %r", error)
            if attempt < TELL_ATTEMPTS:
                await asyncio.sleep(pause_s)
            pause_s *= 2
        log.error("call %s could not be told to Farebox: %s", body["request_id"], json.dumps(body))

    async def _post(self, path: str, body: Mapping[str, Any]) -> httpx.Response:
        async with httpx.AsyncClient(
            base_url=self._url, headers=self._headers, timeout=ASK_TIMEOUT_S, transport=self._transport
        ) as client:
            return await client.post(path, json=dict(body))


def _note(kwargs: Mapping[str, Any]) -> dict[str, str] | None:
    """What the pre-call hook noted. It replaced whatever a client had written there."""
    parameters = kwargs.get("litellm_params") or {}
    for name in ("metadata", "litellm_metadata"):
        note: dict[str, str] | None = (parameters.get(name) or {}).get(NOTE)
        if note is not None:
            return note
    return None


def _refusal(status: int, code: str, message: str) -> HTTPException:
    return HTTPException(status, detail={"error": {"message": message, "type": "billing", "param": None, "code": code}})


if "FAREBOX_URL" in os.environ:
    farebox = FareboxHook()  # what `callbacks: farebox_hook.farebox` names
