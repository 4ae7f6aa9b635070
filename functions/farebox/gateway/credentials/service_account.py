"""Tokens of the service account that this process runs as, through `google-auth`.

On Cloud Run the metadata server gives them (`GCE_METADATA_HOST` names another), elsewhere Application Default
Credentials. The library blocks, and takes a while to import: both are done in a thread, at the first token.
"""

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from functions.farebox.gateway.credentials.tokens import NoCredential, Token, Tokens

SCOPE = "https://www.googleapis.com/auth/cloud-platform"


class _Credentials(Protocol):
    """What is used of `google.auth.credentials.Credentials`; `expiry` is in UTC and does not say so."""

    token: str | None
    expiry: datetime | None

    def refresh(self, request: object) -> None:
        """Have a new token. Blocks."""


class ServiceAccount:
    """The account, asked for one token at a time. `now` is aware, in UTC."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._credentials: _Credentials | None = None
        self._one_at_a_time = threading.Lock()

    def fetch(self) -> Token:
        """A token. Blocks; raises `NoCredential`."""
        import google.auth
        from google.auth.exceptions import GoogleAuthError
        from google.auth.transport.requests import Request

        with self._one_at_a_time:
            try:
                if self._credentials is None:
                    self._credentials, _ = google.auth.default(scopes=[SCOPE])
                self._credentials.refresh(Request())
            except GoogleAuthError as error:
                raise NoCredential(f"the service account has no token for us: {type(error).__name__}") from error
            text, expiry = self._credentials.token, self._credentials.expiry
        if not text or expiry is None:
            raise NoCredential("the service account has no token that ends")
        return Token(text, (expiry.replace(tzinfo=UTC) - self._now()).total_seconds())


def service_account_tokens(now: Callable[[], datetime]) -> Tokens:
    """The tokens of this process's service account. Nothing is asked for yet. `now` is aware, in UTC."""
    account = ServiceAccount(now)
    return Tokens(lambda: asyncio.to_thread(account.fetch))
