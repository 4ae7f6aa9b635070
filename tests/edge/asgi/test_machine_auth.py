"""The door of the jobs where Cloud Run has checked the scheduler's token, and has taken its signature off."""

from datetime import UTC, datetime, timedelta

import jwt
import pytest
from starlette.requests import Request

from functions.edge.asgi.machine_auth import admit_scheduler
from functions.farebox.config import Config, read_config
from functions.farebox.errors import BadConfig, Unauthenticated

SCHEDULER = "scheduler@project.iam.gserviceaccount.com"
ON_CLOUD_RUN = {
    "K_SERVICE": "farebox-scheduled",
    "FAREBOX_STORE": "firestore://project/farebox",
    "FAREBOX_SECRET_KEY": "0123456789abcdef" * 2,
    "FAREBOX_SCHEDULER_ACCOUNT": SCHEDULER,
}


def config(**variables: str) -> Config:
    return read_config({**ON_CLOUD_RUN, **variables})


def stripped(**changes: object) -> Request:
    """A request as Cloud Run passes it on: the token names the function's own address, and its signature is gone."""
    claims = {
        "iss": "https://accounts.google.com",
        "aud": "https://farebox-scheduled-abc-uc.a.run.app",
        "email": SCHEDULER,
        "email_verified": True,
        "exp": datetime.now(UTC) + timedelta(minutes=5),
        **changes,
    }
    signed = jwt.encode(claims, "any key of at least thirty-two bytes", algorithm="HS256")
    token = f"{signed.rpartition('.')[0]}.SIGNATURE_REMOVED_BY_GOOGLE"
    return Request({"type": "http", "headers": [(b"authorization", f"Bearer {token}".encode())]})


async def test_the_schedulers_token_opens_without_its_signature_where_cloud_run_has_checked_it() -> None:
    await admit_scheduler(stripped(), config(FAREBOX_SCHEDULER_CHECK="cloud-run"))


@pytest.mark.parametrize(
    "changes", [{"email": "somebody@else.com"}, {"email_verified": False}, {"iss": "https://evil.example"}]
)
async def test_a_token_of_somebody_else_does_not_open(changes: dict[str, object]) -> None:
    with pytest.raises(Unauthenticated):
        await admit_scheduler(stripped(**changes), config(FAREBOX_SCHEDULER_CHECK="cloud-run"))


@pytest.mark.parametrize("changes", [{"exp": datetime.now(UTC) - timedelta(minutes=5)}, {"exp": None}])
async def test_a_token_that_is_out_of_date_does_not_open(changes: dict[str, object]) -> None:
    with pytest.raises(Unauthenticated):
        await admit_scheduler(stripped(**changes), config(FAREBOX_SCHEDULER_CHECK="cloud-run"))


async def test_a_token_that_cloud_run_has_not_looked_at_does_not_open() -> None:
    request = stripped()
    [(name, checked)] = request.scope["headers"]
    with_signature = checked.replace(b"SIGNATURE_REMOVED_BY_GOOGLE", b"c2lnbmF0dXJl")
    beside = (b"x-serverless-authorization", b"Bearer what Cloud Run has checked instead")
    for headers in ([(name, with_signature)], [(name, checked), beside]):
        with pytest.raises(Unauthenticated):
            await admit_scheduler(
                Request({"type": "http", "headers": headers}), config(FAREBOX_SCHEDULER_CHECK="cloud-run")
            )


async def test_a_token_without_a_signature_opens_nothing_where_farebox_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    class Keys:
        def get_signing_key_from_jwt(self, _token: str) -> object:
            raise jwt.PyJWKClientError("no such key")

    monkeypatch.setattr("functions.edge.asgi.machine_auth._keys", lambda _url: Keys())
    with pytest.raises(Unauthenticated):
        await admit_scheduler(stripped(), config())


def test_only_on_cloud_run_can_checking_be_left_to_it() -> None:
    with pytest.raises(BadConfig, match="FAREBOX_SCHEDULER_CHECK"):
        read_config({"FAREBOX_SCHEDULER_CHECK": "cloud-run", "FAREBOX_SECRET_KEY": "0123456789abcdef" * 2})
