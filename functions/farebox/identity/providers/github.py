"""GitHub, which speaks OAuth 2.0 and has no ID tokens: who somebody is, its API tells.

https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
"""

from typing import Any

from functions.farebox.accounts.sign_in_providers import ProviderSettings
from functions.farebox.identity.providers.oauth import authorization_url, exchange, failed, get_json
from functions.farebox.identity.providers.provider import ProvedIdentity, SignInAttempt

API_URL = "https://api.github.com"


class GitHubProvider:
    """GitHub's own, or an Enterprise server's at `issuer` and `api_url`."""

    def __init__(self, settings: ProviderSettings) -> None:
        self._settings = settings
        self._api_url = (settings.api_url or API_URL).rstrip("/")

    async def begin(self, attempt: SignInAttempt) -> str:
        """See `SignInProvider`."""
        return authorization_url(self._settings, f"{self._settings.issuer}/login/oauth/authorize", attempt)

    async def finish(self, attempt: SignInAttempt, code: str) -> ProvedIdentity:
        """See `SignInProvider`. The address is the primary one, if GitHub has verified it."""
        endpoint = f"{self._settings.issuer}/login/oauth/access_token"
        token = (await exchange(self._settings, endpoint, attempt, code, secret_in_body=True))["access_token"]
        headers = {"authorization": f"Bearer {token}", "accept": "application/vnd.github+json"}
        user: Any = await get_json(self._settings, f"{self._api_url}/user", headers=headers)
        emails: Any = await get_json(self._settings, f"{self._api_url}/user/emails", headers=headers)
        try:
            primary = next((each for each in emails if each["primary"]), None)
            return ProvedIdentity(
                issuer=self._settings.issuer,
                subject=str(int(user["id"])),
                email=None if primary is None else str(primary["email"]),
                email_verified=primary is not None and primary["verified"] is True,
                full_name=user["name"] if isinstance(user.get("name"), str) else None,
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise failed(self._settings, "its people have another form") from error
