"""A provider to sign in with, over HTTP: OpenID Connect as Google speaks it, and OAuth 2.0 as GitHub does.

Its people agree to everything at once, or decline it. It checks what a provider checks: who the client is, where it
sends the browser, and that whoever brings a code is who asked for it (PKCE, S256).
"""

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import jwt
from aiohttp import BasicAuth, web
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, CLIENT_SECRET = "the client", "the client's secret"


@dataclass
class Someone:
    """Who signs in at the provider next."""

    subject: str = "1001"
    email: str | None = "ada@example.com"
    email_verified: bool = True
    name: str = "Ada"


@dataclass
class ProviderStandIn:
    """The provider. `claims` change what its ID tokens say, `key` what they are signed with."""

    someone: Someone = field(default_factory=Someone)
    claims: dict[str, Any] = field(default_factory=dict)
    declines: bool = False
    url: str = ""

    def __post_init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.kid = "key-1"
        self.signing_key = self.key
        self._codes: dict[str, tuple[Someone, dict[str, str]]] = {}
        self._tokens: dict[str, Someone] = {}

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/.well-known/openid-configuration", self._discovery)
        app.router.add_get("/authorize", self._authorize)
        app.router.add_get("/jwks", self._jwks)
        app.router.add_post("/token", self._token)
        app.router.add_post("/login/oauth/access_token", self._token)
        app.router.add_get("/user", self._user)
        app.router.add_get("/user/emails", self._emails)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def visit(self, url: str) -> dict[str, str]:
        """What a browser does that is sent there: its person agrees. Answers what it comes back with."""
        parts = urlsplit(url)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        assert parts.path in ("/authorize", "/login/oauth/authorize")
        assert (asked["client_id"], asked["response_type"]) == (CLIENT_ID, "code")
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self._codes[code] = (Someone(**vars(self.someone)), asked)
        return {"code": code, "state": asked["state"]}

    async def _authorize(self, request: web.Request) -> web.Response:
        """What its page does for a real browser (RFC 6749, section 4.1.2)."""
        back = self.visit(str(request.url))
        if self.declines:
            back = {"error": "access_denied", "state": back["state"]}
        raise web.HTTPFound(with_query(request.query["redirect_uri"], **back))

    def roll_keys(self) -> None:
        """Sign with another key from now on, and publish that one alone."""
        self.key = self.signing_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.kid = "key-2"

    async def _discovery(self, _request: web.Request) -> web.Response:
        endpoints = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
        told = {name: f"{self.url}/{path}" for name, path in endpoints.items()}
        return web.json_response({"issuer": self.url, **told})

    async def _jwks(self, _request: web.Request) -> web.Response:
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return web.json_response({"keys": [{**public, "kid": self.kid, "alg": "RS256", "use": "sig"}]})

    async def _token(self, request: web.Request) -> web.Response:
        sent = {name: str(value) for name, value in (await request.post()).items()}
        if "authorization" in request.headers:
            given = BasicAuth.decode(request.headers["authorization"])
            sent |= {"client_id": unquote(given.login), "client_secret": unquote(given.password)}
        someone, asked = self._codes.pop(sent.get("code", ""), (None, {}))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(sent.get("code_verifier", "").encode()).digest())
        is_right = (
            (sent.get("client_id"), sent.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
            and sent.get("redirect_uri") == asked.get("redirect_uri")
            and challenge.rstrip(b"=").decode() == asked.get("code_challenge")
        )
        if someone is None or not is_right:
            return web.json_response({"error": "invalid_grant"}, status=400)
        token = secrets.token_urlsafe(16)
        self._tokens[token] = someone
        answer: dict[str, Any] = {"access_token": token, "token_type": "Bearer", "expires_in": 3600}
        if "openid" in asked["scope"].split():
            answer["id_token"] = self._id_token(someone, asked["nonce"])
        return web.json_response(answer)

    def _id_token(self, someone: Someone, nonce: str) -> str:
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "sub": someone.subject,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            "email": someone.email,
            "email_verified": someone.email_verified,
            "name": someone.name,
            **self.claims,
        }
        return jwt.encode(claims, self.signing_key, algorithm="RS256", headers={"kid": self.kid})

    async def _user(self, request: web.Request) -> web.Response:
        someone = self._tokens[request.headers["authorization"].removeprefix("Bearer ")]
        return web.json_response({"id": int(someone.subject), "login": "ada", "name": someone.name})

    async def _emails(self, request: web.Request) -> web.Response:
        someone = self._tokens[request.headers["authorization"].removeprefix("Bearer ")]
        primary = {"email": someone.email, "primary": True, "verified": someone.email_verified}
        return web.json_response([{"email": "old@example.com", "primary": False, "verified": True}, primary])


def with_query(url: str, **changes: str) -> str:
    """An address with other values in its query."""
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return parts._replace(query=urlencode({**query, **changes})).geturl()
