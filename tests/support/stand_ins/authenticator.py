"""An authenticator in software: makes a passkey and signs challenges as a browser would pass them on.

WebAuthn, level 3 (https://www.w3.org/TR/webauthn-3/), with ES256 and no attestation.
"""

import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import bytes_to_base64url

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class Authenticator:
    """One passkey of a page at `origin`; or the very key of another, on another page."""

    def __init__(self, origin: str, other: "Authenticator | None" = None) -> None:
        self._origin = origin
        self._id: bytes = other._id if other else secrets.token_bytes(32)
        self._key: ec.EllipticCurvePrivateKey = other._key if other else ec.generate_private_key(ec.SECP256R1())
        self._count: int = other._count if other else 0

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """What `navigator.credentials.create` answers."""
        numbers = self._key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self._id).to_bytes(2, "big") + self._id + cbor2.dumps(cose)
        data = self._data(options["rp"]["id"], ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client_data = self._client_data("webauthn.create", options)
        return self._credential(
            {"clientDataJSON": bytes_to_base64url(client_data), "attestationObject": bytes_to_base64url(attestation)}
        )

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """What `navigator.credentials.get` answers."""
        self._count += 1
        data, client_data = self._data(options["rpId"]), self._client_data("webauthn.get", options)
        signature = self._key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        parts = {"clientDataJSON": client_data, "authenticatorData": data, "signature": signature}
        return self._credential({name: bytes_to_base64url(part) for name, part in parts.items()})

    def _data(self, host: str, flags: int = 0) -> bytes:
        flag = (PRESENT | VERIFIED | flags).to_bytes(1, "big")
        return hashlib.sha256(host.encode()).digest() + flag + self._count.to_bytes(4, "big")

    def _client_data(self, kind: str, options: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": options["challenge"], "origin": self._origin}).encode()

    def _credential(self, response: dict[str, str]) -> dict[str, Any]:
        name = bytes_to_base64url(self._id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}
