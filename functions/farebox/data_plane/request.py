"""A client's request to the data plane, as it is to be paid for."""

from collections.abc import Mapping

from msgspec import Struct, field

from functions.farebox.data_plane.disconnect import HangUp
from functions.farebox.data_plane.idempotency import Key
from functions.farebox.data_plane.reply import Rendering
from functions.farebox.gateway.call import NO_WISH, CacheWish
from functions.farebox.gateway.speech.forms import Forms
from functions.farebox.keys.authentication import Caller
from functions.farebox.request.checked import CAP_FIELDS, Checked


class Request(Struct):
    """A client's request, checked. `rendering` writes the answer; `hang_up` is set when the client goes. `forms` has it
    in every dialect that its upstreams may speak, where it is not sure that they speak the client's: `checked` is then
    the one that it is counted by, the client's own if somebody speaks that. `headers` are all that the client sent.
    `receipt_id` names its receipt, from when it is served on: `request_id` may be a client's own, and that of many."""

    caller: Caller
    checked: Checked
    request_id: str
    rendering: Rendering
    idempotency_key: Key | None = None
    hang_up: HangUp = field(default_factory=HangUp)
    cache: CacheWish = NO_WISH
    headers: Mapping[bytes, bytes] | None = None
    forms: Forms | None = None
    receipt_id: str = ""

    @property
    def own(self) -> Checked:
        """It as the client wrote it."""
        return self.checked if self.forms is None else self.forms.own

    @property
    def model(self) -> str:
        """The public name of the model."""
        return self.checked.model

    @property
    def completes(self) -> bool:
        """Whether it asks for a completion, whose tokens are charged beside the prompt's."""
        return self.checked.endpoint != "/embeddings"

    @property
    def stream(self) -> bool:
        """Whether the client wants a stream."""
        return self.checked.stream

    @property
    def wants_usage(self) -> bool:
        """Whether the client wants a usage chunk. Other dialects than OpenAI's of chats always tell the usage."""
        return self.own.wants_usage or self.own.endpoint in CAP_FIELDS

    @property
    def dropped(self) -> tuple[str, ...]:
        """The names of fields that nobody here knows, and that were not sent."""
        if self.forms is None or self.forms.own.endpoint == self.checked.endpoint:
            return self.checked.dropped
        return (*self.forms.own.dropped, *self.checked.dropped)
