"""What upstreams answer: honest ones within the cap that they read, liars as they like."""

import random
from collections.abc import Mapping
from typing import Final

from functions.farebox.tokens.usage.usage import MAX_TOKENS
from tests.support.money_fuzz.answers.chat import ChatMaker
from tests.support.money_fuzz.answers.maker import Maker
from tests.support.money_fuzz.answers.messages import MessageMaker
from tests.support.money_fuzz.answers.responses import ResponseMaker
from tests.support.money_fuzz.price_table import PRICING, Worked
from tests.support.money_fuzz.reading import Asked
from tests.support.money_fuzz.work import Step, Work

THOUGHTS_A_SECOND = 200
MOST_FOUND = 20_000  # tokens, by a search
MOST_PRINTED = 10_000  # by code
LIES = (
    *("over cap", "dearer model", "nonsense usage", "broken off", "junk", "no usage", "error inside", "no done"),
    "no end",
)
_MAKERS: Final[Mapping[str, type[Maker]]] = {"/messages": MessageMaker, "/responses": ResponseMaker}
_THINK_IF_ASKED = ("rich", "gpt-4o", "claude-sonnet-4-5")


def script(rng: random.Random, asked: Asked, work: Work) -> list[Step]:
    """What a server does for a request, step by step."""
    lie = rng.choice(LIES) if work.upstream.startswith("liar") and rng.random() < 0.8 else None
    work.lies = lie
    words = min(rng.choice([0, 1, 5, 20]), asked.cap) if asked.made <= 8 else 1
    can_think = work.model in _THINK_IF_ASKED or work.upstream.startswith("mixed")
    thinks = work.model.startswith(("thinker", "gpt-5")) or (asked.thinks and can_think)
    slow = rng.random() < 0.03
    thoughts = min(rng.choice([0, 100, 2000 if not slow else 6000]), asked.cap - words) if thinks else 0
    final = _all(rng, asked, work, words, thoughts)
    if asked.tier in ("flex", "priority", "scale") and rng.random() < 0.7:
        work.tier = asked.tier
    if lie == "over cap":
        over = final.completion * rng.choice([2, 50]) + asked.cap
        final.completion = min(over, MAX_TOKENS)  # no server writes more for one request
    elif lie == "dearer model":
        work.swapped, work.model = work.model, "dear"
    steps = [Step(rng.choice([0.0, 0.02, 0.5, 3.0]))]
    left = thoughts * asked.made
    while left > 0:
        steps.append(Step(1.0, reasoning=min(left, THOUGHTS_A_SECOND * asked.made)))
        left -= THOUGHTS_A_SECOND * asked.made
    maker = _MAKERS.get(asked.path, ChatMaker)(rng, asked, work, lie)
    pause_s = rng.choice([0.0, 0.0, 0.05, 0.4, 5.0])
    if not asked.stream:
        steps += [Step(pause_s, completion=asked.choices) for _ in range(words)]
        return [*steps, *maker.plain(words, final)]
    return [*steps, *maker.stream(words, final, pause_s)]


def _found(rng: random.Random, asked: Asked, worked: Worked, context: int) -> int:
    """What all that was found adds to the prompt: it is read, and all before it once more, for every call of every
    completion. Who is told how often may try once more, and reads all again to be told no."""
    again = 0
    for _ in range(asked.made):
        read = worked.prompt
        for most, calls in ((MOST_FOUND, worked.searches), (MOST_PRINTED, worked.code)):
            for _ in range(calls // asked.made):
                read = max(read, min(read + rng.choice([0, 700, most]), context))
                again += read
        again += read if asked.tries_beyond else 0
    return again


def _all(rng: random.Random, asked: Asked, work: Work, words: int, thoughts: int) -> Worked:
    """All that is done where nobody stops it: up to the cap, for every completion that is made."""
    made = asked.made
    most = asked.cap - words - thoughts
    extra = rng.choice([0, 0, most // 2, most])
    worked = Worked(
        prompt=work.worked.prompt,
        completion=(words + thoughts + extra) * made,
        reasoning=thoughts * made,
        searches=rng.choice([0, asked.searches]),
        code=rng.choice([0, asked.code]),
    )
    if worked.searches or worked.code:
        worked.prompt += _found(rng, asked, worked, PRICING[work.model].get("context_tokens", 1_000_000))
        if worked.prompt > MAX_TOKENS:  # no server reads more for one request
            worked.prompt, worked.searches, worked.code = work.worked.prompt, 0, 0
    kept = rng.randint(0, worked.prompt)
    writes = work.model in ("rich", "claude-sonnet-4-5") and asked.path != "/responses"
    if writes and asked.cache_s == 3600:
        worked.written_1h = kept
    elif writes and asked.cache_s is not None:
        worked.written = kept
    elif rng.random() < 0.2:
        worked.cached = kept
    if asked.speaks:
        worked.spoken = worked.completion - worked.reasoning - words * made
    return worked
