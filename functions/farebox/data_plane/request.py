"""A client's request to the data plane, as it is to be paid for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from functions.farebox.data_plane.disconnect import HangUp
from functions.farebox.data_plane.reply import Rendering
from functions.farebox.gateway.call import NO_WISH, CacheWish, Path
from functions.farebox.keys.authentication import Caller


@dataclass(slots=True)
class Request:
    """A client's request, parsed. `raw` is the body as it came; `rendering` writes the answer; `hang_up` is set when
    the client goes. `is_translated`: the client spoke another dialect, and the body is ours."""

    caller: Caller
    path: Path
    body: Mapping[str, Any]
    raw: bytes
    request_id: str
    rendering: Rendering
    idempotency_key: str | None = None
    hang_up: HangUp = field(default_factory=HangUp)
    is_translated: bool = False
    cache: CacheWish = NO_WISH
    model: str = field(init=False)  # the public name

    def __post_init__(self) -> None:
        self.model = str(self.body["model"])

    @property
    def completes(self) -> bool:
        """Whether it asks for a completion, whose tokens are charged beside the prompt's."""
        return self.path == "/chat/completions"

    @property
    def stream(self) -> bool:
        """Whether the client wants a stream. Nothing but a completion comes as one."""
        return self.body.get("stream") is True and self.completes

    @property
    def wants_usage(self) -> bool:
        """Whether the client wants a usage chunk."""
        options = self.body.get("stream_options")
        return isinstance(options, dict) and options.get("include_usage") is True
