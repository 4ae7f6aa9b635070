"""Firebase's answers, the rare ones too, and what becomes of them here."""

import json
from typing import Any

import httpx
import pytest

from functions.farebox.errors import (
    Conflict,
    FareboxError,
    Forbidden,
    InvalidRequest,
    RateLimited,
    Unauthenticated,
)
from functions.farebox.identity import IdentityUnavailable
from functions.farebox.identity.firebase.errors import refusal as refusal_for
from functions.farebox.identity.firebase.rest import FirebaseRest, Refused

REASONS: list[tuple[str, type[FareboxError], str]] = [
    ("EMAIL_EXISTS", Conflict, "email_taken"),
    ("EMAIL_NOT_FOUND", Unauthenticated, "invalid_credentials"),
    ("INVALID_PASSWORD", Unauthenticated, "invalid_credentials"),
    ("INVALID_LOGIN_CREDENTIALS", Unauthenticated, "invalid_credentials"),
    ("USER_DISABLED", Forbidden, "account_suspended"),
    ("USER_NOT_FOUND", Unauthenticated, "invalid_token"),
    ("TOKEN_EXPIRED", Unauthenticated, "invalid_token"),
    ("INVALID_ID_TOKEN", Unauthenticated, "invalid_token"),
    ("INVALID_REFRESH_TOKEN", Unauthenticated, "invalid_token"),
    ("CREDENTIAL_TOO_OLD_LOGIN_AGAIN", Unauthenticated, "invalid_token"),
    ("EXPIRED_OOB_CODE", Unauthenticated, "invalid_token"),
    ("INVALID_OOB_CODE", Unauthenticated, "invalid_token"),
    ("TOO_MANY_ATTEMPTS_TRY_LATER : Access to this account is off for now.", RateLimited, "rate_limit_exceeded"),
    ("RESET_PASSWORD_EXCEED_LIMIT", RateLimited, "rate_limit_exceeded"),
    ("QUOTA_EXCEEDED : Exceeded daily quota for email sign-in.", RateLimited, "rate_limit_exceeded"),
    ("WEAK_PASSWORD : Password should be at least 6 characters", InvalidRequest, "weak_password"),
    ("PASSWORD_DOES_NOT_MEET_REQUIREMENTS : Missing [a number]", InvalidRequest, "weak_password"),
    ("INVALID_EMAIL", InvalidRequest, "invalid_value"),
    ("BLOCKING_FUNCTION_ERROR_RESPONSE : ((HTTP Cloud Function ...))", Forbidden, "forbidden"),
    ("OPERATION_NOT_ALLOWED", IdentityUnavailable, "identity_provider_unavailable"),
    ("PASSWORD_LOGIN_DISABLED", IdentityUnavailable, "identity_provider_unavailable"),
    ("CONFIGURATION_NOT_FOUND", IdentityUnavailable, "identity_provider_unavailable"),
    ("UNAUTHORIZED_DOMAIN : Domain not whitelisted", IdentityUnavailable, "identity_provider_unavailable"),
    ("API key not valid. Please pass a valid API key.", IdentityUnavailable, "identity_provider_unavailable"),
    ("SOMETHING_NEW", IdentityUnavailable, "identity_provider_unavailable"),
]


def answering(status: int, body: Any, asked: list[httpx.Request] | None = None) -> FirebaseRest:
    """A client of a Firebase that gives this answer."""

    def handle(request: httpx.Request) -> httpx.Response:
        if asked is not None:
            asked.append(request)
        return httpx.Response(status, content=body if isinstance(body, bytes) else json.dumps(body).encode())

    return FirebaseRest("the key", transport=httpx.MockTransport(handle))


@pytest.mark.parametrize(("message", "kind", "code"), REASONS)
async def test_each_reason_is_a_refusal_of_ours_in_a_sentence(
    message: str, kind: type[FareboxError], code: str
) -> None:
    rest = answering(400, {"error": {"code": 400, "message": message, "errors": []}})
    with pytest.raises(Refused) as caught:
        await rest.sign_in("ada@example.com", "a long password")
    error = refusal_for(caught.value.reason, caught.value.detail)
    assert (type(error), error.code) == (kind, code)
    assert error.message.endswith(".")
    assert "_" not in error.message
    await rest.close()


async def test_what_a_password_lacks_is_passed_on() -> None:
    error = refusal_for("WEAK_PASSWORD", "Password should be at least 6 characters")
    assert (error.param, "at least 6 characters." in error.message) == ("password", True)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, {"error": {"message": "INTERNAL"}}),
        (503, b"<html>"),
        (400, b"<html>"),
        (403, {"error": "no"}),
        (200, b"[]"),
        (200, {}),
        (200, {"idToken": "t", "refreshToken": "r", "expiresIn": "soon"}),
    ],
)
async def test_an_answer_that_makes_no_sense_is_no_answer(status: int, body: Any) -> None:
    rest = answering(status, body)
    with pytest.raises(IdentityUnavailable):
        await rest.sign_in("ada@example.com", "a long password")
    await rest.close()


@pytest.mark.parametrize("error", [httpx.ConnectError("x"), httpx.ReadTimeout("x"), TimeoutError()])
async def test_no_answer_in_time_is_said_so(error: Exception) -> None:
    def handle(_request: httpx.Request) -> httpx.Response:
        raise error

    rest = FirebaseRest("the key", transport=httpx.MockTransport(handle))
    with pytest.raises(IdentityUnavailable) as caught:
        await rest.refresh("a refresh token")
    assert "a refresh token" not in caught.value.message
    await rest.close()


async def test_a_second_factor_is_asked_for_and_not_passed_over() -> None:
    rest = answering(200, {"localId": "u1", "mfaPendingCredential": "pending", "mfaInfo": [{}]})
    assert await rest.sign_in("ada@example.com", "a long password") is None
    await rest.close()


async def test_the_key_and_what_is_secret_stay_out_of_the_address() -> None:
    asked: list[httpx.Request] = []
    rest = answering(200, {"id_token": "i", "refresh_token": "r", "expires_in": "3600"}, asked)
    await rest.refresh("a-refresh-token")
    await rest.confirm_reset("a-code", "a password")
    await rest.close()
    for request in asked:
        assert request.url.scheme == "https"
        assert request.url.query == b""
        assert request.headers["x-goog-api-key"] == "the key"
    assert [request.url.host for request in asked] == ["securetoken.googleapis.com", "identitytoolkit.googleapis.com"]
