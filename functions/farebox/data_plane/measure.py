"""The tokens that a request is charged for: those that its upstream reported, else those that are counted here."""

from collections.abc import Callable
from typing import Literal, Protocol

from msgspec import Struct
from msgspec.structs import replace

from functions.farebox.data_plane.admission import Admitted
from functions.farebox.data_plane.request import Request
from functions.farebox.gateway.answers import Loss
from functions.farebox.request.checked import Checked
from functions.farebox.request.counting import count_prompt, most_told
from functions.farebox.tokens.counting import count_completion
from functions.farebox.tokens.usage.usage import Usage, with_prompt, within_prompt

FEW = 4  # a report of fewer than a fourth of what is counted is not all
MOST_SEARCHES = 1_000  # that one answer takes, whoever searches of its own accord


class Measured(Struct):
    """The tokens of a request, and who counted them: its upstream, we, or, in part, nobody for sure.

    `tier` and `model` are the service tier and the model that the answer names, in its upstream's words. `beyond` is
    all that came or was told, where that is more than could be asked for, or than can be; `why_beyond` says which.
    `otherwise` is the same usage with what was asked for, and came, in classes that the report does not tell apart: the
    dearer of both is charged.
    """

    usage: Usage
    source: Literal["provider", "counted", "estimated"]
    tier: str | None = None
    model: str | None = None
    beyond: Usage | None = None
    why_beyond: str = ""
    otherwise: Usage | None = None


class Counted(Protocol):
    """What can be counted of an answer, or of its end."""

    def texts(self) -> list[str]:
        """The texts that the client was sent, each to be counted by itself."""

    def media_tokens(self) -> int:
        """The most tokens of what it was sent and is no text."""

    def uncounted_bytes(self) -> int:
        """The bytes of text beyond those texts, each to be taken for a token."""


class Said(Counted, Protocol):
    """What an upstream answered, whole or in a stream."""

    @property
    def usage(self) -> Usage | None:
        """The usage that it reported so far."""

    @property
    def usage_is_final(self) -> bool:
        """Whether that says all that was sent."""

    @property
    def said_since(self) -> Counted | None:
        """What was sent since then; `None` where nothing is known of that."""

    @property
    def served_tier(self) -> str | None:
        """The service tier that it names."""

    @property
    def answered_model(self) -> str | None:
        """The model that it names."""


async def measure(
    said: Said,
    request: Request,
    admitted: Admitted,
    *,
    unheard: bool = False,
    longest_context: Callable[[], int | None] = lambda: None,
) -> Measured:
    """Take the upstream's word, but for more than the request can come to (`_credible`); where it reported nothing, or
    a stream did not come to its end, count what was relayed, never more than was held for; and the prompt where it
    reported what was generated alone, or only a total.

    Media of the prompt are not charged then: their tokens are only known as a bound, and a doubt is not the client's to
    pay for. Those that were generated are, at their bound, for nobody could tell them from silence otherwise.

    `unheard`: the client hung up on it, and its upstream was not heard to its count. What is not known is the client's
    to pay for then: its media are charged at their bound, within what was held for, and the count is an estimate.
    """
    measured = _credible(await _tokens(said, request, admitted, unheard), request, admitted, longest_context)
    measured.tier, measured.model = said.served_tier, said.answered_model
    return measured


async def _tokens(said: Said, request: Request, admitted: Admitted, unheard: bool) -> Measured:
    reported = said.usage
    is_final = reported is not None and said.usage_is_final
    if reported is not None and is_final and reported.prompt_is_told:
        return Measured(reported, "provider")
    prompt = await count_prompt(request.checked, request.model, pass_fields=admitted.pass_fields)
    prompt_tokens = min(prompt.tokens - (0 if unheard else prompt.media_tokens), admitted.prompt_bound)
    if reported is not None and is_final:
        source: Literal["counted", "estimated"] = "counted" if prompt.exact and not unheard else "estimated"
        return Measured(with_prompt(reported, prompt_tokens), source)
    completion = guessed = 0
    if request.completes:
        media = said.media_tokens()
        guessed = media + said.uncounted_bytes()
        words = await count_texts(said, request)
        completion = media + words
        if reported is not None and reported.completion_tokens and reported.completion_tokens * FEW >= words:
            completion = min(completion, await _with_what_followed(reported, said, request) or completion)
    usage = Usage(
        prompt_tokens=prompt_tokens,
        completion_tokens=min(completion, admitted.output_bound),
    )
    relayed = Measured(usage, "counted" if prompt.exact and not guessed and not unheard else "estimated")
    measured = relayed if reported is None else _at_least(reported, relayed)
    if completion > admitted.output_bound:
        measured.beyond = replace(measured.usage, completion_tokens=max(measured.usage.completion_tokens, completion))
        measured.why_beyond = "more came than was asked for"
    return measured


async def _with_what_followed(reported: Usage, said: Said, request: Request) -> int | None:
    """The most that was generated, by a report that had counted all until it was told."""
    since = said.said_since
    if since is None:
        return None
    return reported.completion_tokens + since.media_tokens() + await count_texts(since, request)


def _credible(
    measured: Measured, request: Request, admitted: Admitted, longest_context: Callable[[], int | None]
) -> Measured:
    """The same where it can be true of the request: more than was held for may be. What cannot is not charged: a
    prompt has no more tokens than bytes, nor more than is read with all calls of tools, and no answer takes more than a
    number of searches."""
    usage = measured.usage
    if usage.prompt_tokens <= admitted.prompt_bound and usage.searches <= MOST_SEARCHES:
        return measured
    searches = min(usage.searches, MOST_SEARCHES * request.checked.generated)
    calls = searches + sum(times for _, times in usage.calls)
    most = most_told(request.checked, admitted.pass_fields, context_tokens=longest_context(), calls=calls)
    prompt = usage.prompt_tokens if most is None else min(usage.prompt_tokens, max(most, admitted.prompt_bound))
    if prompt == usage.prompt_tokens and searches == usage.searches:
        return measured
    measured.beyond, measured.why_beyond = usage, "its report tells of more than it can have read or searched"
    measured.usage = replace(within_prompt(usage, prompt), searches=searches)
    return measured


async def count_texts(said: Counted, request: Request) -> int:
    """The tokens of the texts that were generated: a legacy completion may repeat its prompt before them."""
    echoed = _echoed(request.checked)
    counted = said.uncounted_bytes()
    for text in said.texts():
        repeated = max((len(prompt) for prompt in echoed if text.startswith(prompt)), default=0)
        counted += await count_completion(text[repeated:], request.model)
    return counted


def _echoed(checked: Checked) -> list[str]:
    """The texts that an answer may begin with and that nobody generated; which texts tokens are is not known."""
    prompt = checked.fields["prompt"] if checked.echoes else ()
    return [prompt] if isinstance(prompt, str) else [each for each in prompt if isinstance(each, str)]


async def measure_unanswered(request: Request, admitted: Admitted) -> Measured:
    """A request that was sent, and of whose answer nobody has seen anything: it was read at least."""
    prompt = await count_prompt(request.checked, request.model, pass_fields=admitted.pass_fields)
    return Measured(Usage(prompt_tokens=min(prompt.tokens, admitted.prompt_bound)), "estimated")


def measure_unheard(heard: Measured, admitted: Admitted) -> Measured:
    """The most that a request may have come to, of which only a part was heard: a prompt as counted, and all the output
    that it may have, the rest of it thought unseen."""
    usage = heard.usage
    unseen = max(0, admitted.output_bound - usage.completion_tokens)
    most = replace(
        usage,
        completion_tokens=usage.completion_tokens + unseen,
        reasoning_tokens=usage.reasoning_tokens + unseen,
    )
    return replace(heard, usage=most)


def measure_loss(loss: Loss, admitted: Admitted) -> Measured:
    """An answer that was paid for upstream and is none: what it reported, else the most that it can have been. A byte
    of it bounds a token."""
    if loss.usage is not None:
        if loss.usage.prompt_is_told:
            return Measured(loss.usage, "provider")
        prompt = 0 if loss.usage.is_total else admitted.prompt_bound  # of a total all may be what is dearest
        return Measured(with_prompt(loss.usage, prompt), "estimated")
    completion = min(loss.read_bytes, admitted.output_bound)
    usage = Usage(prompt_tokens=admitted.prompt_bound, completion_tokens=completion)
    return Measured(usage, "estimated")


def _at_least(reported: Usage, relayed: Measured) -> Measured:
    """What a stream is charged that did not come to its end, or went on behind its last report: what was reported on
    the way, or more where more than that was relayed."""
    counted = relayed.usage
    if not reported.prompt_is_told:
        least = counted.prompt_tokens if reported.is_total else 0  # of a total that may still grow, all is no bound
        reported = with_prompt(reported, counted.prompt_tokens)
        reported = replace(reported, prompt_tokens=max(reported.prompt_tokens, least))
    elif reported.prompt_tokens and reported.completion_tokens >= counted.completion_tokens:
        return Measured(reported, "provider")
    usage = replace(
        reported,
        prompt_tokens=reported.prompt_tokens or counted.prompt_tokens,
        completion_tokens=max(reported.completion_tokens, counted.completion_tokens),
    )
    return Measured(usage, relayed.source)
