"""The forms of a request: as its client wrote it, and in the other dialects that its upstreams may speak."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from msgspec.structs import replace

from functions.farebox.errors import InvalidRequest
from functions.farebox.gateway.entry.form import DialectName
from functions.farebox.gateway.speech.messages.models import ways_of
from functions.farebox.gateway.speech.messages.request import message_form
from functions.farebox.gateway.speech.responses.request import response_form
from functions.farebox.request.checked import Checked, Endpoint
from functions.farebox.request.fate import unsupported
from functions.farebox.request.optional_tools import without_tools
from functions.farebox.request.tools.hosted import OPTIONAL

_OF_ENDPOINTS: Final[dict[Endpoint, DialectName]] = {
    "/messages": "messages",
    "/responses": "responses",
    "/completions": "completions",
}

Speaker = tuple[frozenset[DialectName], str]  # what an upstream speaks, and its name for the model


def dialect_of(endpoint: Endpoint) -> DialectName:
    """The dialect that is spoken there. Whoever speaks chat has embeddings as well."""
    return _OF_ENDPOINTS.get(endpoint, "chat")


class Forms:
    """One request. `own` is as its client wrote it; `to_chat` makes the chat completion request that means the same, or
    raises `InvalidRequest` for what has no equivalent there. Each form is made once, when somebody is to be sent it."""

    def __init__(self, own: Checked, to_chat: Callable[[], Checked] | None = None) -> None:
        self.own = own
        self.others: Sequence[Checked] = ()  # what may be sent beside the form that was settled on
        self._dialect = dialect_of(own.endpoint)
        self._to_chat = to_chat
        self._made: dict[object, Checked | InvalidRequest] = {}

    def named(self, model: str) -> "Forms":
        """The same for another model, by its public name."""
        if model == self.own.model:
            return self
        to_chat = None if self._to_chat is None else lambda: replace(self._chat(), model=model)
        return Forms(replace(self.own, model=model), to_chat)

    def priced(self, has_price: Callable[[str], bool]) -> "Forms":
        """The same without the tools that have no price and that its client does as well without."""
        lacking = {each.name for each in self.own.features if each.name in OPTIONAL and not has_price(each.name)}
        own = without_tools(self.own, lacking)
        return self if own is self.own else Forms(own, self._to_chat)

    def sent_to(self, speaker: Speaker) -> Checked | None:
        """What an upstream is sent: the client's own words if it speaks their dialect, else a chat completion request,
        else that in the dialect which it does speak; `None` where it can't be asked."""
        form = self._form(speaker)
        return form if isinstance(form, Checked) else None

    def settle(self, speakers: Iterable[Speaker]) -> Checked:
        """The form that a request is counted by which these upstreams may be sent: the client's own words if somebody
        is sent them. All others are in `others` then. Raises `InvalidRequest` where nobody can be asked."""
        forms = [self._form(speaker) for speaker in speakers]
        sent = {id(form): form for form in forms if isinstance(form, Checked)}
        if not sent:
            raise next((form for form in forms if isinstance(form, InvalidRequest)), _not_asked())
        first, *self.others = sorted(sent.values(), key=lambda form: form is not self.own)
        return first

    def _form(self, speaker: Speaker) -> Checked | InvalidRequest:
        speaks, model = speaker
        if self._dialect in speaks:
            return self.own
        if "chat" in speaks:
            return self._once("chat", self._chat)
        if "messages" in speaks:
            ways = ways_of(model)
            return self._once(ways, lambda: message_form(self._alone(), ways))
        if "responses" in speaks:
            return self._once("response", lambda: response_form(self._alone()))
        return _not_asked()

    def _once(self, name: object, make: Callable[[], Checked]) -> Checked | InvalidRequest:
        if name not in self._made:
            try:
                self._made[name] = make()
            except InvalidRequest as refusal:
                self._made[name] = refusal
        return self._made[name]

    def _alone(self) -> Checked:
        """The chat completion request for who speaks another dialect, which has no words for a vendor's tools."""
        return without_tools(self._chat(), OPTIONAL)

    def _chat(self) -> Checked:
        if self.own.endpoint == "/chat/completions":
            return self.own
        if self._to_chat is None:
            raise _not_asked()
        form = self._once("chat completion", self._to_chat)
        if isinstance(form, InvalidRequest):
            raise form
        return form


def _not_asked() -> InvalidRequest:
    return unsupported("model", "the servers of this model do not answer requests of this kind.")
