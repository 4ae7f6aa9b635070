"""Keeping tokens fresh, in virtual time."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from functions.farebox.gateway.credentials.tokens import NoCredential, Token, Tokens
from tests.simulation.virtual_loop import run_virtually


class Issuer:
    """Gives tokens after `takes_s`, which live `lasts_s`, or `fails`."""

    def __init__(self, *, lasts_s: float = 60.0, takes_s: float = 1.0) -> None:
        self.lasts_s, self.takes_s, self.fails = lasts_s, takes_s, False
        self.asked_s: list[float] = []

    async def fetch(self) -> Token:
        self.asked_s.append(asyncio.get_running_loop().time())
        await asyncio.sleep(self.takes_s)
        if self.fails:
            raise NoCredential("the issuer is ill")
        return Token(f"t{len(self.asked_s)}", self.lasts_s)


def tokens_of(issuer: Issuer) -> Tokens:
    return Tokens(issuer.fetch, clock=asyncio.get_running_loop().time)


def virtually(main: Coroutine[Any, Any, None]) -> None:
    run_virtually(main)


def test_requests_that_arrive_together_before_the_first_token_wait_for_one_call() -> None:
    async def main() -> None:
        issuer = Issuer()
        tokens = tokens_of(issuer)
        assert await asyncio.gather(*(tokens.get(5.0) for _ in range(10))) == ["t1"] * 10
        assert issuer.asked_s == [0.0]

    virtually(main())


def test_the_wait_for_a_first_token_is_bounded() -> None:
    async def main() -> None:
        tokens = tokens_of(Issuer(takes_s=20))
        with pytest.raises(NoCredential, match="no token came in time"):
            await tokens.get(5.0)
        assert asyncio.get_running_loop().time() == 5
        await asyncio.sleep(16)
        assert tokens.current() == "t1"  # it was not given up

    virtually(main())


def test_a_failure_is_tried_again_ever_later_and_nobody_waits_meanwhile() -> None:
    async def main() -> None:
        issuer, clock = Issuer(takes_s=0.0), asyncio.get_running_loop().time
        issuer.fails = True
        tokens = tokens_of(issuer)
        with pytest.raises(NoCredential, match="the issuer is ill"):
            await tokens.get(5.0)
        await asyncio.sleep(0.5)
        with pytest.raises(NoCredential, match="the issuer is ill"):
            await tokens.get(5.0)
        assert clock() == 0.5
        await asyncio.sleep(200)
        assert [round(at_s) for at_s in issuer.asked_s] == [0, 1, 3, 7, 15, 31, 63, 123, 183]
        issuer.fails = False
        await asyncio.sleep(60)
        assert tokens.current() is not None

    virtually(main())


def test_a_token_serves_to_its_end_while_no_new_one_can_be_had() -> None:
    async def main() -> None:
        issuer = Issuer()
        tokens = tokens_of(issuer)
        assert await tokens.get(5.0) == "t1"
        issuer.fails = True
        await asyncio.sleep(50)
        assert tokens.current() == "t1"
        await asyncio.sleep(6)
        assert tokens.current() is None  # what has a few seconds left may end on its way

    virtually(main())


def test_after_a_rest_without_timers_the_next_request_has_a_new_one_fetched() -> None:
    async def main() -> None:
        issuer, clock = Issuer(), asyncio.get_running_loop().time

        class Never:
            def cancel(self) -> None:
                pass

        tokens = Tokens(issuer.fetch, clock=clock, later=lambda _delay_s, _callback: Never())
        assert await tokens.get(5.0) == "t1"
        await asyncio.sleep(50)
        assert tokens.current() == "t1"  # and a new one is asked for behind it
        await asyncio.sleep(2)
        assert tokens.current() == "t2"
        await asyncio.sleep(3600)
        assert await tokens.get(5.0) == "t3"

    virtually(main())
