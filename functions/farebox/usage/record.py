"""The usage record: what one request is on disk."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Literal

from functions.farebox.storage import Document

UsageStatus = Literal["ok", "error", "aborted", "pending", "lost"]


@dataclass(frozen=True, slots=True)
class UsageRecord:
    """One request. Amounts in nano-USD; what is not known yet is `None` or zero."""

    request_id: str
    key: str
    model: str
    status: UsageStatus
    created_at: datetime
    stream: bool = False
    upstream: str | None = None
    tokens: Mapping[str, int] | None = None  # prompt, cached, completion, reasoning
    cost: int = 0
    charged: int = 0
    shortfall: int = 0
    price_version: str | None = None
    usage_source: str | None = None
    latency_ms: int | None = None
    first_token_ms: int | None = None
    error: str | None = None

    @classmethod
    def from_document(cls, document: Document) -> "UsageRecord":
        """From storage; the document holds more, which is the gateway's own business."""
        data = document.data
        return cls(**{name: data[name] for name in _FIELDS if data.get(name) is not None})


_FIELDS = tuple(each.name for each in fields(UsageRecord))
