"""Signatures of ID tokens, which the emulator does not look at: our own keys, and a server with their certificates."""

import hmac
import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.x509.oid import NameOID
from jwt.utils import base64url_encode

from functions.farebox.identity import IdentityUnavailable
from functions.farebox.identity.firebase.users import FirebaseUsers
from tests.support.library_errors import refusal
from tests.support.processes import free_port

PROJECT = "farebox-prod"
CERTIFICATES = "firebase_admin._token_gen.ID_TOKEN_CERT_URI"


@cache
def key(_name: str) -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


@cache
def certificate(name: str) -> str:
    """As Google publishes them: X.509, in PEM."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "securetoken.system.gserviceaccount.com")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key(name).public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=7))
        .sign(key(name), hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    return {
        "iss": f"https://securetoken.google.com/{PROJECT}",
        "aud": PROJECT,
        "sub": "u1",
        "iat": now - 60,
        "auth_time": now - 90,
        "exp": now + 3600,
        **changes,
    }


def signed(body: dict[str, Any], signer: RSAPrivateKey | None = None, *, kid: str = "now") -> str:
    return jwt.encode(body, signer or key("now"), algorithm="RS256", headers={"kid": kid})


def signed_with_public_key(body: dict[str, Any]) -> str:
    """The certificate, which everybody has, as the secret of an HMAC: what PyJWT refuses to make."""
    parts = (json.dumps(part).encode() for part in ({"alg": "HS256", "kid": "now", "typ": "JWT"}, body))
    head = b".".join(map(base64url_encode, parts))
    return b".".join((head, base64url_encode(hmac.digest(certificate("now").encode(), head, "sha256")))).decode()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The requests that the server of certificates has had."""
    paths: list[str] = []

    class Certificates(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            body = json.dumps({"now": certificate("now")}).encode()
            self.send_response(200)
            self.send_header("cache-control", "public, max-age=3600")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Certificates) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setattr(CERTIFICATES, f"http://127.0.0.1:{server.server_port}/x509")
        yield paths
        server.shutdown()


@pytest.fixture
def users(monkeypatch: pytest.MonkeyPatch) -> FirebaseUsers:
    monkeypatch.delenv("FIREBASE_AUTH_EMULATOR_HOST", raising=False)
    monkeypatch.setattr("google.auth.default", lambda **_: (None, PROJECT))  # nothing here asks for rights
    return FirebaseUsers(PROJECT)


async def test_a_token_that_google_signed_for_the_project_is_taken(users: FirebaseUsers, asked: list[str]) -> None:
    body = claims()
    for _ in range(3):
        assert await users.read_token(signed(body)) == ("u1", body["auth_time"])
    assert asked == ["/x509"], "certificates are kept"


async def test_the_clock_that_dates_tokens_may_be_a_little_ahead(users: FirebaseUsers, asked: list[str]) -> None:
    now = int(time.time())
    await users.read_token(signed(claims(iat=now + 5)))
    assert (await refusal(users.read_token(signed(claims(iat=now + 60)))))[1] == "invalid_token"
    assert asked


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "another-project"},
        {"iss": "https://securetoken.google.com/another-project"},
        {"iss": "https://accounts.google.com"},
        {"exp": 1},
        {"sub": ""},
        {"sub": None},
        {"sub": "x" * 129},
    ],
    ids=str,
)
async def test_a_token_for_something_else_is_refused(
    users: FirebaseUsers, asked: list[str], change: dict[str, Any]
) -> None:
    body = {name: value for name, value in claims(**change).items() if value is not None}
    assert (await refusal(users.read_token(signed(body))))[1] == "invalid_token"
    assert len(asked) <= 1


async def test_a_token_that_google_did_not_sign_is_refused(users: FirebaseUsers, asked: list[str]) -> None:
    genuine = signed(claims())
    head, body, signature = genuine.split(".")
    _, other_body, _ = signed(claims(sub="u2")).split(".")
    for forged in (
        signed(claims(), key("forger")),
        signed(claims(), key("forger"), kid="unheard-of"),
        signed_with_public_key(claims()),
        jwt.encode(claims(), "", algorithm="none", headers={"kid": "now"}),
        f"{head}.{other_body}.{signature}",
        f"{head}.{body}.",
        genuine[:-8],
    ):
        assert (await refusal(users.read_token(forged)))[1] == "invalid_token"
    assert len(asked) <= 2


async def test_a_token_is_not_taken_unread_while_certificates_cannot_be_had(
    users: FirebaseUsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CERTIFICATES, f"http://127.0.0.1:{free_port()}/x509")
    assert (await refusal(users.read_token(signed(claims()))))[0] is IdentityUnavailable
