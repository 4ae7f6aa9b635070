import re
from dataclasses import replace
from datetime import timedelta

import pytest

from functions.farebox.errors import Unauthenticated
from functions.farebox.keys.api_key import ApiKey, check_key, hash_secret, matches, parse_key, write_key
from tests.support.product.runtime import START

PEPPER = b"p" * 32
ID = "0123456789abcdef"
SECRET = "S" * 40
OLD = "O" * 40
RECORD = ApiKey(
    id=ID,
    user="u1",
    name="first",
    prefix="fb-live-0123456789abcdef-SSSS",
    hash=hash_secret(ID, SECRET, PEPPER),
    previous_hash=None,
    previous_expires_at=None,
    models=None,
    rpm=None,
    tpm=None,
    rpd=None,
    monthly_budget=None,
    expires_at=None,
    state="live",
    created_at=START,
    revoked_at=None,
)


def test_a_key_names_its_record_and_its_secret() -> None:
    assert parse_key(write_key(ID, SECRET)) == (ID, SECRET)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "fb-live",
        f"fb-live-{ID}",
        f"fb-live-{ID}-{SECRET}x",
        f"fb-live-{ID}-{SECRET}\n",
        f"fb-live-{ID[:-1]}/-{SECRET}",
        f"fb-test-{ID}-{SECRET}",
        f"fb-live-{ID}-{'é' * 40}",
        f"fb-live-{ID}-{'٣' * 40}",
        f" fb-live-{ID}-{SECRET}",
    ],
)
def test_what_is_no_key_is_not_looked_up(text: str) -> None:
    assert parse_key(text) is None


def test_the_hash_depends_on_the_servers_key_and_on_the_record() -> None:
    hashes = {
        hash_secret(ID, SECRET, PEPPER),
        hash_secret(ID, SECRET, b"q" * 32),
        hash_secret("f" * 16, SECRET, PEPPER),
    }
    assert len(hashes) == 3
    assert all(re.fullmatch(r"[0-9a-f]{64}", each) for each in hashes)


def test_the_previous_secret_works_until_its_grace_ends() -> None:
    ends_at = START + timedelta(minutes=1)
    record = replace(RECORD, previous_hash=hash_secret(ID, OLD, PEPPER), previous_expires_at=ends_at)
    assert matches(record, SECRET, PEPPER, ends_at)
    assert matches(record, OLD, PEPPER, ends_at - timedelta(microseconds=1))
    assert not matches(record, OLD, PEPPER, ends_at)
    assert not matches(RECORD, OLD, PEPPER, START)


@pytest.mark.parametrize(
    ("record", "secret", "code"),
    [
        (None, SECRET, "invalid_api_key"),
        (RECORD, OLD, "invalid_api_key"),
        (replace(RECORD, state="revoked"), SECRET, "invalid_api_key"),
        (replace(RECORD, expires_at=START), SECRET, "expired_api_key"),
        (replace(RECORD, expires_at=START), OLD, "invalid_api_key"),
    ],
)
def test_a_key_that_does_not_open_its_record_now_is_refused(record: ApiKey | None, secret: str, code: str) -> None:
    with pytest.raises(Unauthenticated) as caught:
        check_key(record, secret, PEPPER, START)
    assert caught.value.code == code


def test_a_key_works_until_the_moment_it_expires() -> None:
    record = replace(RECORD, expires_at=START + timedelta(seconds=1))
    assert check_key(record, SECRET, PEPPER, START) is record


def test_a_record_survives_storage() -> None:
    for record in (RECORD, replace(RECORD, models=("a", "b"), rpm=5, monthly_budget=7)):
        assert ApiKey.from_data(record.id, record.to_data()) == record
