"""The tokens that a request is charged for: those that its upstream reported, else those that are counted here."""

from dataclasses import dataclass
from typing import Literal, Protocol

from functions.farebox.data_plane.admission import Admitted
from functions.farebox.data_plane.request import Request
from functions.farebox.tokens.counting import count_completion, count_prompt
from functions.farebox.tokens.usage.usage import Usage


@dataclass(slots=True)
class Measured:
    """The tokens of a request, and who counted them: its upstream, we, or, in part, nobody for sure."""

    usage: Usage
    source: Literal["provider", "counted", "estimated"]


class Said(Protocol):
    """What an upstream answered, whole or in a stream."""

    @property
    def usage(self) -> Usage | None:
        """The usage that it reported."""

    def texts(self) -> list[str]:
        """The texts that the client was sent, each to be counted by itself."""


async def measure(said: Said, request: Request, admitted: Admitted) -> Measured:
    """Take the upstream's word; where it reported nothing, count what was relayed, never more than was held for.

    Media are not charged then: their tokens are only known as a bound, and a doubt is not the client's to pay for.
    """
    if said.usage is not None:
        return Measured(said.usage, "provider")
    prompt = await count_prompt(request.body, request.model)
    completion = 0
    if request.completes:
        for text in said.texts():
            completion += await count_completion(text, request.model)
    usage = Usage(
        prompt_tokens=min(prompt.tokens - prompt.media_tokens, admitted.prompt_bound),
        completion_tokens=min(completion, (admitted.cap or 0) * admitted.choices),
    )
    return Measured(usage, "counted" if prompt.exact else "estimated")
