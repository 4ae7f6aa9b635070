"""What was asked for and came, and that its report does not tell apart.

Images, sounds, an hour in the cache and calls of tools have prices of their own. Some upstreams count them in with the
rest. One rule, as for service tiers: whichever is dearer is charged, the report as it stands or the same with the class
that was asked for and seen. Of a call nothing is seen but that there was one: that one is charged, and what may have
been called beyond it is the operator's loss, with its reason.
"""

from collections.abc import Mapping
from typing import Protocol

from msgspec.structs import replace

from functions.farebox.data_plane.admission import Admitted
from functions.farebox.data_plane.measure import MOST_SEARCHES, Measured, Said, count_texts
from functions.farebox.data_plane.request import Request
from functions.farebox.pricing.price import SEARCH, Price
from functions.farebox.request.checked import CAP_FIELDS
from functions.farebox.request.counting import count_prompt
from functions.farebox.tokens.media import Generated
from functions.farebox.tokens.usage.report import most_calls
from functions.farebox.tokens.usage.usage import Calls, Usage

# What is asked for is done, once in every answer: no report counts it.
_ONCE = frozenset({"reasoning_mode.pro", "speed.fast"})
_SOUND = "audio_input"
_UNCOUNTED = "it does not tell how often it called its vendor's tools"


class Seen(Said, Protocol):
    """What an upstream answered, and what is seen in it beside texts."""

    def generated(self) -> Generated:
        """What is no text, by what it is."""

    @property
    def cites(self) -> bool:
        """Whether it names where it was found in the web."""

    @property
    def listed_calls(self) -> tuple[int, Calls]:
        """The searches and the calls of other tools of its vendor's that it lists."""


async def tell_apart(
    measured: Measured, said: Seen, request: Request, admitted: Admitted, dearest: Price, *, unheard: bool = False
) -> Measured:
    """The same with the calls that are seen, with what may be more than that, and with what it comes to otherwise.
    `dearest` is the ceiling of all who may answer."""
    if dearest.calls and not unheard:
        measured.usage = _with_listed(measured.usage, *said.listed_calls)
    if admitted.calls and not unheard:
        _count_calls(measured, said, request, admitted.calls)
    usage = measured.usage
    otherwise = _kept_for_an_hour(usage) if admitted.hour_cache else usage
    if request.completes and dearest.has_dear_output:
        otherwise = await _with_generated(otherwise, said, request)
    if request.checked.media and dearest.has_dear_input:
        otherwise = await _with_read(otherwise, request, admitted)
    measured.otherwise = None if otherwise is usage else otherwise
    return measured


def _with_listed(usage: Usage, searches: int, calls: Calls) -> Usage:
    """The same with calls that the answer lists where its report does not stand, or tells of fewer."""
    most = most_calls(usage.calls, calls)
    if searches <= usage.searches and most == usage.calls:
        return usage
    return replace(usage, searches=max(usage.searches, min(searches, MOST_SEARCHES)), calls=most)


def _count_calls(measured: Measured, said: Seen, request: Request, held: Mapping[str, int]) -> None:
    """Add the calls of what was asked for that are seen, and not counted. An answer in a dialect of its own lists what
    ran: what is not there was not called."""
    usage = measured.usage
    told = dict(usage.calls)
    lists = request.checked.endpoint in CAP_FIELDS
    searches, calls, most = usage.searches, dict(told), dict(told)
    for name, times in held.items():
        if name in told or (name == SEARCH and (searches or not said.cites)):
            continue
        if name in _ONCE:
            calls[name] = most[name] = times
        elif name == SEARCH:
            searches = 1
            most[name] = times
        elif not lists:
            most[name] = times
    most_searches = max(searches, most.pop(SEARCH, 0))
    measured.usage = replace(usage, searches=searches, calls=tuple(sorted(calls.items())))
    if most == calls and most_searches == searches:
        return
    beyond = measured.usage if measured.beyond is None else measured.beyond
    measured.beyond = replace(beyond, searches=max(beyond.searches, most_searches), calls=tuple(sorted(most.items())))
    measured.why_beyond = measured.why_beyond or _UNCOUNTED


def _kept_for_an_hour(usage: Usage) -> Usage:
    if not usage.cache_write_tokens or usage.lifetimes_told:
        return usage
    return replace(usage, cache_write_tokens=0, cache_write_1h_tokens=usage.cache_writes)


async def _with_generated(usage: Usage, said: Seen, request: Request) -> Usage:
    """What was drawn and spoken: of what was generated all that is not in the texts, as far as it can be that."""
    if usage.image_output_tokens or usage.audio_output_tokens:
        return usage
    generated = said.generated()
    if not generated.images and not generated.spoken_chars:
        return usage
    media = max(0, usage.plain_output_tokens - await count_texts(said, request))
    drawn = min(media, generated.drawn_tokens)
    spoken = min(media - drawn, generated.spoken_tokens)
    return replace(usage, image_output_tokens=drawn, audio_output_tokens=spoken)


async def _with_read(usage: Usage, request: Request, admitted: Admitted) -> Usage:
    """What was heard or seen: of the prompt all that is not in its texts, as far as it can be that."""
    has_sound = any(feature.name == _SOUND for feature in request.checked.features)
    if usage.audio_input_tokens or (usage.image_input_tokens and not has_sound):
        return usage
    counted = await count_prompt(request.checked, request.model, pass_fields=admitted.pass_fields)
    text = counted.tokens - counted.media_tokens
    media = min(max(0, usage.plain_input_tokens - text), counted.media_tokens)
    return replace(usage, audio_input_tokens=media) if has_sound else replace(usage, image_input_tokens=media)
