"""Secrets that are rotated under a running process, against a server of Secret Manager's own service definition."""

import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest
from google.cloud.secretmanager import SecretManagerServiceClient

from functions.farebox.config import read_config
from functions.farebox.secrets.rotating import LOOK_AGAIN_S, LOOK_EVERY_S, OVERLAP_S, Secret
from functions.farebox.secrets.secret_manager import fetch
from tests.secrets.secret_manager import secret_manager
from tests.support.patience import PATIENCE_S

A_VALUE = "a value of the tests, and long"
NAME = "projects/p/secrets/billing"
LATEST = f"{NAME}/versions/latest"


class Seconds:
    """A monotonic clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def held() -> dict[str, bytes]:
    """What Secret Manager holds."""
    return {LATEST: b"one"}


@pytest.fixture
def client(held: dict[str, bytes]) -> Iterator[SecretManagerServiceClient]:
    with secret_manager(held) as client:
        yield client


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def secret(client: SecretManagerServiceClient, seconds: Seconds) -> Secret:
    return Secret("BILLING_API_KEY", "one", lambda: fetch(NAME, client), clock=seconds)


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for something that happens in the background."""
    async with asyncio.timeout(10):
        while not is_so():
            await asyncio.sleep(0.01)


async def test_a_new_version_is_taken_up_within_minutes_of_use(
    secret: Secret, held: dict[str, bytes], seconds: Seconds
) -> None:
    held[LATEST] = b"two"
    seconds.now += LOOK_EVERY_S - 1
    assert secret.value == "one"
    await asyncio.sleep(0.05)
    assert secret.value == "one", "it is not looked at more often than that"
    seconds.now += 1
    assert secret.value == "one", "whoever uses it does not wait"
    await until(lambda: secret.value == "two")


async def test_the_value_before_is_accepted_while_its_holders_change_over_and_then_no_more(
    secret: Secret, held: dict[str, bytes], seconds: Seconds
) -> None:
    held[LATEST] = b"two"
    seconds.now += LOOK_EVERY_S
    assert await secret.matches("one")
    await until(lambda: secret.value == "two")
    assert await secret.matches("two")
    assert await secret.matches("one")
    assert not await secret.matches("three")
    seconds.now += OVERLAP_S
    assert not await secret.matches("one")
    assert await secret.matches("two")


async def test_a_value_that_does_not_fit_is_looked_for_at_once_but_not_at_every_guess(
    secret: Secret, held: dict[str, bytes], seconds: Seconds
) -> None:
    seconds.now += LOOK_AGAIN_S
    held[LATEST] = b"two"
    assert await secret.matches("two")
    held[LATEST] = b"three"
    assert not await secret.matches("three")
    seconds.now += LOOK_AGAIN_S
    assert await secret.matches("three")


async def test_what_cannot_be_read_leaves_the_last_value(
    secret: Secret, held: dict[str, bytes], seconds: Seconds, caplog: pytest.LogCaptureFixture
) -> None:
    del held[LATEST]
    for _ in range(2):
        seconds.now += LOOK_EVERY_S
        assert not await secret.matches("two")
        assert secret.value == "one"
    assert "BILLING_API_KEY could not be looked at again" in caplog.text
    held[LATEST] = b"two"
    seconds.now += LOOK_EVERY_S
    assert await secret.matches("two")


async def test_one_look_serves_all_who_wait_and_holds_up_nobody_else() -> None:
    seconds, looks, answer = Seconds(), 0, threading.Event()

    def look() -> str:
        nonlocal looks
        looks += 1
        answer.wait(PATIENCE_S)
        return "two"

    secret = Secret("X", "one", look, clock=seconds)
    seconds.now += LOOK_EVERY_S
    waiting = [asyncio.create_task(secret.matches("two")) for _ in range(20)]
    await asyncio.sleep(0)
    assert await secret.matches("one")
    assert secret.value == "one"
    answer.set()
    assert await asyncio.gather(*waiting) == [True] * 20
    assert looks == 1


async def test_a_version_that_is_named_and_a_plain_value_stay() -> None:
    asked: list[str] = []

    def fetch(resource: str) -> str:
        asked.append(resource)
        return f"{A_VALUE}\n"

    config = read_config(
        {
            "FAREBOX_STORE": "firestore://p/d",
            "FAREBOX_SECRET_KEY": "0123456789abcdef0123456789abcdef",
            "BILLING_API_KEY_SECRET": f"{NAME}/versions/3",
            "ADMIN_SECRET_KEY": A_VALUE,
        },
        fetch,
    )
    for secret in (config.billing_api_key, config.admin_secret_key):
        assert secret is not None
        assert await secret.matches(A_VALUE)
        assert not await secret.matches(f"{A_VALUE}\n")
    assert asked == [f"{NAME}/versions/3"]


async def test_a_version_that_is_blank_or_weak_is_not_taken_up(held: dict[str, bytes]) -> None:
    held[LATEST] = A_VALUE.encode()
    config = read_config(
        {
            "FAREBOX_STORE": "firestore://p/d",
            "FAREBOX_SECRET_KEY": "0123456789abcdef0123456789abcdef",
            "BILLING_API_KEY_SECRET": NAME,
        },
        lambda resource: held[f"{resource}/versions/latest"].decode(),
    )
    followed = config.billing_api_key
    assert followed is not None
    followed._clock = lambda: 1e12
    for unfit in (b"  ", b"too short"):
        held[LATEST] = unfit
        assert not await followed.matches(unfit.decode().strip())
        assert followed.value == A_VALUE
