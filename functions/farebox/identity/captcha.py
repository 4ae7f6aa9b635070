"""The port for proofs of being a person, and the one that Turnstile, reCAPTCHA and hCaptcha all speak: `siteverify`.

https://developers.cloudflare.com/turnstile/get-started/server-side-validation/,
https://developers.google.com/recaptcha/docs/verify, https://docs.hcaptcha.com/#verify-the-user-response-server-side
"""

import logging
from typing import Final, Protocol

from functions.farebox.accounts.sign_up import CaptchaName
from functions.farebox.errors import Forbidden
from functions.farebox.identity import IdentityUnavailable, Visitor
from functions.farebox.secrets.rotating import Secret

ADDRESSES: Final[dict[CaptchaName, str]] = {
    "turnstile": "https://challenges.cloudflare.com/turnstile/v0/siteverify",
    "recaptcha": "https://www.google.com/recaptcha/api/siteverify",
    "hcaptcha": "https://api.hcaptcha.com/siteverify",
}
TIMEOUT_S = 10.0

log = logging.getLogger("farebox.identity.captcha")


class Captcha(Protocol):
    """Tells people from scripts."""

    async def check(self, answer: str | None, visitor: Visitor) -> None:
        """Take what a widget has answered. Raises `Forbidden` with `captcha_failed`, or `IdentityUnavailable`."""


class SiteVerify:
    """A captcha of one of these services, or of a stand-in at `address`."""

    def __init__(self, secret: Secret | None, address: str) -> None:
        self._secret = secret
        self._address = address

    async def check(self, answer: str | None, visitor: Visitor) -> None:
        """Each answer counts once, which the service looks after."""
        if not answer or not await self._is_right(answer, visitor):
            raise Forbidden("The check that you are a person failed. Do it again.", code="captcha_failed")

    async def _is_right(self, answer: str, visitor: Visitor) -> bool:
        import httpx  # here, so that nobody pays for it who has no captcha

        if self._secret is None:
            raise _unavailable("CAPTCHA_SECRET_KEY is not set here")
        form = {"secret": self._secret.value, "response": answer}
        if visitor.address:
            form["remoteip"] = visitor.address
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False) as client:
                told = (await client.post(self._address, data=form)).json()
        except (httpx.HTTPError, ValueError) as error:
            raise _unavailable(type(error).__name__) from error
        return isinstance(told, dict) and told.get("success") is True


def _unavailable(why: str) -> IdentityUnavailable:
    log.error("answers to the captcha cannot be checked: %s", why)
    return IdentityUnavailable("The check that you are a person does not work at the moment. Try again in a minute.")
