"""Translates Firebase's errors into Farebox's.

The reasons are those of the Identity Toolkit and Secure Token services. One that is the operator's to mend, or that is
not known here, is `IdentityUnavailable`: the caller can do nothing about it, and the log says what it was.
https://firebase.google.com/docs/reference/rest/auth, https://cloud.google.com/identity-platform/docs/error-codes
"""

import logging
from typing import Final

from functions.farebox.errors import Conflict, FareboxError, Forbidden, InvalidRequest, RateLimited, Unauthenticated
from functions.farebox.identity import IdentityUnavailable

log = logging.getLogger("farebox.identity.firebase")

PACE_S: Final = 60.0  # Firebase does not say when its limits open again

EMAIL_TAKEN: Final = "EMAIL_EXISTS"
UNKNOWN_EMAIL: Final = "EMAIL_NOT_FOUND"

SESSION_ENDED: Final = "invalid_token"  # Farebox's own code

_WRONG_CREDENTIALS = frozenset({"INVALID_LOGIN_CREDENTIALS", "INVALID_PASSWORD", UNKNOWN_EMAIL, "MISSING_PASSWORD"})
_ENDED_SESSION = frozenset(
    {
        "CREDENTIAL_TOO_OLD_LOGIN_AGAIN",
        "INVALID_GRANT_TYPE",
        "INVALID_ID_TOKEN",
        "INVALID_REFRESH_TOKEN",
        "MISSING_REFRESH_TOKEN",
        "TOKEN_EXPIRED",
        "USER_NOT_FOUND",
    }
)
_SPENT_CODE = frozenset({"EXPIRED_OOB_CODE", "INVALID_OOB_CODE", "MISSING_OOB_CODE"})
_TOO_MANY = frozenset({"QUOTA_EXCEEDED", "RESET_PASSWORD_EXCEED_LIMIT", "TOO_MANY_ATTEMPTS_TRY_LATER"})
_WEAK_PASSWORD = frozenset({"WEAK_PASSWORD", "PASSWORD_DOES_NOT_MEET_REQUIREMENTS"})
_BAD_EMAIL = frozenset({"INVALID_EMAIL", "MISSING_EMAIL", "INVALID_RECIPIENT_EMAIL"})


def refusal(reason: str, detail: str = "") -> FareboxError:
    """The error for a reason such as `EMAIL_EXISTS`; `detail` is what Firebase says beside it."""
    if reason == EMAIL_TAKEN:
        return email_taken()
    if reason in _WRONG_CREDENTIALS:
        return Unauthenticated("The e-mail address or the password is wrong.", code="invalid_credentials")
    if reason in _ENDED_SESSION:
        return session_ended()
    if reason in _SPENT_CODE:
        return Unauthenticated("This token was used before, or has expired. Ask for a new mail.", code="invalid_token")
    if reason in _TOO_MANY:
        return RateLimited("That was tried too often. Wait a little, then try again.", retry_after_s=PACE_S)
    if reason in _WEAK_PASSWORD:
        wanted = f" What it lacks: {detail}" if detail else ""
        message = f"This password is too weak. Choose a longer one that is harder to guess.{wanted}"
        return InvalidRequest(_sentence(message), code="weak_password", param="password")
    if reason in _BAD_EMAIL:
        return InvalidRequest(
            "No mail can be sent to this address. Check how it is written.", code="invalid_value", param="email"
        )
    if reason == "USER_DISABLED":
        return account_disabled()
    if reason == "BLOCKING_FUNCTION_ERROR_RESPONSE":
        return Forbidden("This service does not let this account in. Ask whoever runs it.")
    return unavailable(reason)  # not its words, which may name somebody


def email_taken() -> Conflict:
    """The address has an account."""
    return Conflict(
        "This e-mail address has an account. Sign in, or reset its password.", code="email_taken", param="email"
    )


def session_ended() -> Unauthenticated:
    """The session was ended, or is too old."""
    return Unauthenticated("This session has ended. Sign in again.", code=SESSION_ENDED)


def account_disabled() -> Forbidden:
    """An operator has disabled the account at Firebase."""
    return Forbidden("This account is disabled. Ask whoever runs this service.", code="account_suspended")


def unavailable(why: str) -> IdentityUnavailable:
    """Firebase did not do what it should; `why` is for the log alone, and names nobody."""
    log.error("Firebase did not answer as it should: %s", why)
    return IdentityUnavailable("Signing in does not work at the moment. Try again in a minute.")


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."
