"""How answers of the data plane are written: what their headers say, and what ends a stream."""

from collections.abc import Sequence

import orjson

from functions.edge.asgi.errors import UPSTREAM_HEADER, error_body
from functions.edge.chat.openrouter import cost_fields
from functions.farebox.data_plane.reply import Settled, StreamEnd
from functions.farebox.gateway.answers import PlainAnswer, Source
from functions.farebox.gateway.json_object import read_object
from functions.farebox.gateway.stream.inspector import StreamInspector
from functions.farebox.gateway.stream.own_events import DONE_EVENT, data_event, usage_event
from functions.farebox.kit.money import format_usd
from functions.farebox.request.fate import as_named
from functions.farebox.tokens.usage.client_form import usage_as_openai

DROPPED_HEADER = "x-farebox-dropped"
CAP_HEADER = "x-farebox-max-tokens"  # that a choice could have, where those are fewer than were asked for
CALLS_HEADER = "x-farebox-max-tool-calls"  # of each tool that the vendor runs, likewise
RECEIPT_HEADER = "x-farebox-receipt"  # `x-request-id` may be a client's own, for many requests
DIALECT_HEADER = "x-farebox-dialect"  # of an answer that is passed on as its upstream wrote it
CACHE_HEADER = "x-farebox-cache"  # in a request, its wish; in an answer, where it came from
_IN_OPENAI_FORM = (None, "completions")  # answers that have their report as chats have it, by what was passed on


class ChatRendering:
    """`Rendering` in the words of OpenAI's API, with our own fields beside them. Other dialects translate it."""

    def head(
        self, source: Source, receipt_id: str, settled: Settled | None = None, dropped: Sequence[str] = ()
    ) -> dict[str, str]:
        """Headers: who was asked, where the receipt is, what was left out, and what it cost and left where that is
        known already."""
        headers = {UPSTREAM_HEADER: ", ".join(source.asked), RECEIPT_HEADER: receipt_id}
        if source.passed_on is not None:
            headers[DIALECT_HEADER] = source.passed_on
        if source.cache is not None:
            headers[CACHE_HEADER] = source.cache
        if dropped or source.left_out:
            headers[DROPPED_HEADER] = ", ".join(map(as_named, dict.fromkeys((*dropped, *source.left_out))))
        if source.lowered_cap is not None:
            headers[CAP_HEADER] = str(source.lowered_cap)
        if source.lowered_calls is not None:
            headers[CALLS_HEADER] = str(source.lowered_calls)
        if settled is not None:
            headers["x-farebox-cost-usd"] = format_usd(settled.charged)
            if settled.balance is not None:
                headers["x-farebox-balance-usd"] = format_usd(settled.balance)
        return headers

    def body(self, answer: PlainAnswer, settled: Settled, *, wants_cost: bool) -> bytes:
        """The answer as its upstream wrote it, and with its cost in its report of usage for a client that asked. A
        report that told of half an answer is whole in it."""
        in_part = answer.usage is not None and not answer.usage.prompt_is_told
        if not wants_cost and not (in_part and answer.source.passed_on in _IN_OPENAI_FORM):
            return answer.body
        told = read_object(answer.body) or {}
        report = usage_as_openai(settled.usage) if _is_counted(answer, settled) else told.get("usage") or {}
        return orjson.dumps({**told, "usage": {**report, **(cost_fields(settled.charged) if wants_cost else {})}})

    def tail(self, end: StreamEnd) -> bytes:
        """An error event and no `[DONE]`; or, before that, a usage chunk for a client that asked for one."""
        if end.error is not None:
            return data_event(error_body(end.error))
        if not end.wants_usage:
            return DONE_EVENT
        settled, relayed = end.settled, end.relayed
        report = usage_as_openai(settled.usage) if _is_counted(relayed, settled) else relayed.usage_report
        if end.wants_cost:
            report = {**(report or {}), **cost_fields(settled.charged)}
        return usage_event(relayed.envelope, report, farebox=charge_of(settled)) + DONE_EVENT


def _is_counted(said: PlainAnswer | StreamInspector, settled: Settled) -> bool:
    """Whether an answer was counted here, because its upstream did not, or told of what cannot be."""
    told = said.usage
    return not said.usage_is_final or told is None or not told.comes_to(settled.usage)


def charge_of(settled: Settled) -> dict[str, str]:
    """What is said of a charge inside of a stream."""
    cost = {"cost_usd": format_usd(settled.charged)}
    return cost if settled.balance is None else {**cost, "balance_usd": format_usd(settled.balance)}


RENDERING = ChatRendering()
