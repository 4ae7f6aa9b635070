import asyncio

from functions.farebox.errors import RateLimited
from functions.farebox.identity.local.passwords import MOST_WAITING, Passwords

PASSWORD = "a long password"


async def test_a_password_belongs_to_its_own_hash_and_to_no_other() -> None:
    passwords = Passwords()
    stored = await passwords.hash(PASSWORD)
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await passwords.check(PASSWORD, stored)
    assert not await passwords.check(PASSWORD + "!", stored)
    assert not await passwords.check(PASSWORD, "no hash at all")
    assert not await passwords.check(PASSWORD, None)
    assert await passwords.hash(PASSWORD) != stored, "each has a salt of its own"


async def test_when_many_wait_the_next_are_turned_away_and_those_are_served() -> None:
    passwords = Passwords()
    work = (passwords.hash(PASSWORD) for _ in range(MOST_WAITING + 5))
    outcomes = await asyncio.gather(*work, return_exceptions=True)
    assert sum(isinstance(outcome, RateLimited) for outcome in outcomes) == 5
    assert sum(isinstance(outcome, str) for outcome in outcomes) == MOST_WAITING
    assert (await passwords.hash(PASSWORD)).startswith("$argon2id$")
