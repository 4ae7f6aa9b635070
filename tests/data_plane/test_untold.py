"""What was asked for and came is charged by its own price, also where its report does not tell it apart."""

from dataclasses import dataclass
from typing import Any, cast

import pytest

from functions.edge.chat.rendering import RENDERING
from functions.farebox.data_plane.admission import Admitted
from functions.farebox.data_plane.measure import Measured
from functions.farebox.data_plane.request import Request
from functions.farebox.data_plane.untold import tell_apart
from functions.farebox.keys.authentication import Caller
from functions.farebox.leases.pool import Hold
from functions.farebox.limits.key_counters import KeyTerms
from functions.farebox.pricing.price import Price
from functions.farebox.request.checked import Checked
from functions.farebox.request.messages import check_message
from functions.farebox.request.responses import check_response
from functions.farebox.tokens.media import DRAWN_TOKENS, Generated
from functions.farebox.tokens.usage.usage import Calls, Usage
from tests.data_plane.test_measure import Answered
from tests.support.calls import checked

NO_HOLD = cast("Hold", None)
SAID = [{"role": "user", "content": "Hello"}]
PRICE = Price.from_config(
    "m",
    {
        "input_usd_per_1m": "1",
        "output_usd_per_1m": "10",
        "audio_input_usd_per_1m": "20",
        "image_input_usd_per_1m": "5",
        "audio_output_usd_per_1m": "100",
        "image_output_usd_per_1m": "120",
    },
)
PLAIN = Price.from_config("m", {"input_usd_per_1m": "1", "output_usd_per_1m": "10"})


@dataclass
class Seen(Answered):
    images: int = 0
    spoken_chars: int = 0
    cites: bool = False
    listed_calls: tuple[int, Calls] = (0, ())

    def generated(self) -> Generated:
        return Generated(spoken_chars=self.spoken_chars, images=self.images)


async def told(
    usage: Usage, seen: Seen, *, price: Price = PRICE, body: Checked | None = None, **held: Any
) -> tuple[Measured, Usage]:
    body = body or checked({"model": "m", "messages": SAID})
    request = Request(Caller("ada", KeyTerms("key-1"), None), body, "r1", RENDERING)
    admitted = Admitted(NO_HOLD, 100, 10_000, 10_000, **held)
    measured = await tell_apart(Measured(usage, "provider"), seen, request, admitted, price)
    return measured, measured.otherwise or measured.usage


def part(**media: Any) -> Checked:
    return checked({"model": "m", "messages": [{"role": "user", "content": [media]}]})


SOUND = part(type="input_audio", input_audio={"data": "AAAA" * 20_000, "format": "wav"})
IMAGE = part(type="image_url", image_url={"url": "data:image/png;base64,iVBORw0KGgoAAAAN"})


@pytest.mark.parametrize(
    ("usage", "seen", "otherwise"),
    [
        (Usage(10, 1_290), Seen(said=[], images=1), Usage(10, 1_290, image_output_tokens=1_290)),
        (Usage(10, 1_290), Seen(images=1), Usage(10, 1_290, image_output_tokens=1_287)),
        (Usage(10, 9_000), Seen(said=[], images=1), Usage(10, 9_000, image_output_tokens=DRAWN_TOKENS)),
        (Usage(10, 300), Seen(spoken_chars=90_000), Usage(10, 300, audio_output_tokens=297)),
        (Usage(10, 300), Seen(), Usage(10, 300)),
        (Usage(10, 300, audio_output_tokens=5), Seen(spoken_chars=90_000), Usage(10, 300, audio_output_tokens=5)),
    ],
)
async def test_what_is_generated_and_no_text_is_of_its_own_class(usage: Usage, seen: Seen, otherwise: Usage) -> None:
    assert (await told(usage, seen))[1] == otherwise
    assert (await told(usage, seen, price=PLAIN))[0].otherwise is None


@pytest.mark.parametrize(
    ("body", "usage", "otherwise"),
    [
        (SOUND, Usage(1_500), Usage(1_500, audio_input_tokens=1_485)),
        (SOUND, Usage(1_500, audio_input_tokens=7), Usage(1_500, audio_input_tokens=7)),
        (SOUND, Usage(1_500, cached_tokens=1_400), Usage(1_500, cached_tokens=1_400, audio_input_tokens=85)),
        (IMAGE, Usage(800), Usage(800, image_input_tokens=793)),
        (IMAGE, Usage(800, image_input_tokens=5), Usage(800, image_input_tokens=5)),
        (None, Usage(800), Usage(800)),
    ],
)
async def test_what_is_heard_and_seen_is_of_its_own_class(body: Checked | None, usage: Usage, otherwise: Usage) -> None:
    assert (await told(usage, Seen(), body=body))[1] == otherwise


async def test_an_hour_that_was_asked_for_is_one_where_no_time_is_told() -> None:
    usage, of_an_hour = Usage(99, cache_write_tokens=50), Usage(99, cache_write_1h_tokens=50)
    assert (await told(usage, Seen(), hour_cache=True))[1] == of_an_hour
    assert (await told(usage, Seen()))[1] == usage
    short = Usage(99, cache_write_tokens=50, lifetimes_told=True)
    assert (await told(short, Seen(), hour_cache=True))[1] == short


RESPONSE = check_response({"model": "m", "input": "Hello"})
MESSAGE = check_message({"model": "m", "messages": SAID, "max_tokens": 5})


@pytest.mark.parametrize(
    ("usage", "seen", "body", "held", "charged", "at_most"),
    [
        # Counted: what is told is charged, and no more.
        (Usage(searches=3), Seen(), None, {"search": 10}, (3, ()), None),
        (Usage(calls=(("google_maps", 2),)), Seen(), None, {"google_maps": 10}, (0, (("google_maps", 2),)), None),
        (Usage(calls=(("google_maps", 0),)), Seen(), None, {"google_maps": 10}, (0, (("google_maps", 0),)), None),
        # Seen: one is charged, the rest is in doubt.
        (Usage(), Seen(cites=True), None, {"search": 10}, (1, ()), (10, ())),
        (Usage(), Seen(), None, {"search": 10}, (0, ()), None),
        # Not known at all.
        (Usage(), Seen(), None, {"google_maps": 10}, (0, ()), (0, (("google_maps", 10),))),
        # Listed: what is not in the list was not called.
        (Usage(), Seen(), RESPONSE, {"code_interpreter": 10}, (0, ()), None),
        (Usage(), Seen(), MESSAGE, {"code_execution": 10}, (0, ()), None),
        # Done in every answer.
        (Usage(), Seen(), RESPONSE, {"reasoning_mode.pro": 1}, (0, (("reasoning_mode.pro", 1),)), None),
        (Usage(), Seen(), MESSAGE, {"speed.fast": 1}, (0, (("speed.fast", 1),)), None),
    ],
)
async def test_calls_are_charged_as_told_or_seen_and_what_nobody_knows_is_in_doubt(
    usage: Usage, seen: Seen, body: Checked | None, held: dict[str, int], charged: Any, at_most: Any
) -> None:
    measured, _ = await told(usage, seen, body=body, calls=held)
    assert (measured.usage.searches, measured.usage.calls) == charged
    beyond = measured.beyond
    assert (None if beyond is None else (beyond.searches, beyond.calls)) == at_most
    assert bool(measured.why_beyond) == (at_most is not None)


@pytest.mark.parametrize(
    ("usage", "listed", "charged"),
    [
        (Usage(), (3, (("code_interpreter", 2),)), (3, (("code_interpreter", 2),))),
        (Usage(searches=5), (3, ()), (5, ())),
        (Usage(calls=(("x_search", 4),)), (0, (("code_interpreter", 1), ("x_search", 2))), None),
    ],
)
async def test_calls_that_are_listed_and_not_counted_are_charged_where_they_have_a_price(
    usage: Usage, listed: tuple[int, Calls], charged: Any
) -> None:
    price = Price.from_config("m", {"input_usd_per_1m": "1", "output_usd_per_1m": "2", "search_usd": "0.01"})
    measured, _ = await told(usage, Seen(listed_calls=listed), price=price)
    expected = charged or (0, (("code_interpreter", 1), ("x_search", 4)))
    assert (measured.usage.searches, measured.usage.calls) == expected
    assert (await told(usage, Seen(listed_calls=listed), price=PLAIN))[0].usage == usage
