"""Reads secrets from Google Secret Manager, by resource name. Imported only where a secret is given that way."""

from functools import cache

from google.api_core.exceptions import GoogleAPICallError, RetryError
from google.auth.exceptions import GoogleAuthError
from google.cloud.secretmanager import SecretManagerServiceClient

TIMEOUT_S = 10.0


class SecretUnavailable(Exception):
    """The secret could not be fetched. The message says why, and holds nothing secret."""


def fetch(resource: str, client: SecretManagerServiceClient | None = None) -> str:
    """The text of `projects/P/secrets/S`, in its latest version unless `/versions/V` names one.

    Takes `TIMEOUT_S` seconds at most. Raises `SecretUnavailable`.
    """
    name = resource if "/versions/" in resource else f"{resource}/versions/latest"
    try:
        answer = (client or _shared_client()).access_secret_version(name=name, timeout=TIMEOUT_S)
        return answer.payload.data.decode()
    except (GoogleAPICallError, RetryError, GoogleAuthError) as error:
        raise SecretUnavailable(f"Secret Manager did not give {name}: {type(error).__name__}") from error
    except UnicodeDecodeError as error:
        raise SecretUnavailable(f"{name} does not hold text") from error


@cache
def _shared_client() -> SecretManagerServiceClient:
    """One for the process: a client has a connection of its own, and may be used by several threads."""
    return SecretManagerServiceClient()
