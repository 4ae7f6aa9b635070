"""Whether an attempt that came to no answer may be on its vendor's bill all the same.

Vendors charge for what a model read and wrote, whether or not it arrived. So what was sent and may have reached a model
is taken as billed, up to what was held for it; what was turned away at the door is not:

| the attempt ended with | may be billed | for |
| --- | --- | --- |
| no connection, a connection that broke or timed out while the request was still being written | no | no model saw it |
| a kept connection that had been closed as idle | no | the same |
| silence or a break before the head of an answer | yes | the answer may have been written, and lost on the way |
| 408, 499 | yes | the vendor, or a proxy of its, gave up waiting for a model at work |
| 401, 402, 403, 404, 413, 422, 429 and every other 4xx | no | refused before a model saw it |
| 503, 529 | no | overloaded: there was no room to begin, and they are too common to be taken for work |
| 501, 505, 520 to 523, 525, 526, 530 | no | not offered there, or a proxy that did not reach its server |
| 500, 502, 504, 524 and every other 5xx | yes | it failed, or was given up on, at work |
| any status with a report of what was used beside its error | yes | that |
| 1xx, 3xx | no | the request went nowhere |
| 2xx with an error in place of an answer | by its report, else as its code or type says, else yes | it failed at work |
| 2xx with a page of HTML, nothing, or what is no answer | yes | something was done that nobody understands |
"""

from functions.farebox.gateway.faults.meaning import fault_of
from functions.farebox.gateway.faults.told import told_by
from functions.farebox.request.checked import Endpoint
from functions.farebox.tokens.usage.places import completion_usage, embedding_usage, read_report
from functions.farebox.tokens.usage.usage import Usage

_WAITED = frozenset({408, 499})
_NOT_BEGUN = frozenset({501, 503, 505, 511, 520, 521, 522, 523, 525, 526, 529, 530})
_TURNED_AWAY = frozenset({"engine_overloaded", "overloaded", "overloaded_error", "service_unavailable", "unavailable"})


def may_bill_status(status: int) -> bool:
    """Whether a vendor may charge for a request that it answered with this status, which is not 2xx."""
    return status in _WAITED or (status >= 500 and status not in _NOT_BEGUN)


def may_bill_error(payload: object) -> bool:
    """Whether a vendor may charge for a request that it answered with 2xx and an error in place of the answer."""
    told = told_by(payload)
    if told.status is not None:
        return may_bill_status(told.status)
    fault = fault_of(0, told)
    return fault.whose == "vendor" and fault.reason != "pace" and told.words.isdisjoint(_TURNED_AWAY)


def usage_beside(payload: object, endpoint: Endpoint) -> Usage | None:
    """What an object that is no answer reports, beside its error or in it. A zero says nothing."""
    if not isinstance(payload, dict):
        return None
    inner = payload.get("error")
    report = read_report(payload) or (read_report(inner) if isinstance(inner, dict) else None)
    if report is None:
        return None
    usage = embedding_usage(report) if endpoint == "/embeddings" else completion_usage(report)
    return usage if usage is not None and usage.total_tokens else None
