"""Passkeys: WebAuthn (https://www.w3.org/TR/webauthn-3/), checked by `webauthn`."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from functions.farebox.identity.factors.enrolment import Passkey

NAME = "Farebox"


class PasskeyRefused(Exception):
    """An answer of an authenticator that proves nothing here."""


class RelyingParty:
    """This service, as authenticators know it: by the host and the origin of the address that people reach it at."""

    def __init__(self, public_url: str) -> None:
        parts = urlsplit(public_url)
        self._host = parts.hostname or "localhost"
        self._origin = f"{parts.scheme}://{parts.netloc}"

    def registration(self, uid: str, email: str, challenge: str, known: Sequence[Passkey]) -> str:
        """The options, in JSON, for `navigator.credentials.create`."""
        options = webauthn.generate_registration_options(
            rp_id=self._host,
            rp_name=NAME,
            user_id=uid.encode(),
            user_name=email,
            challenge=base64url_to_bytes(challenge),
            exclude_credentials=_described(known),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
            ),
        )
        return webauthn.options_to_json(options)

    def register(self, answer: str, challenge: str, name: str, now: datetime) -> Passkey:
        """The passkey that an authenticator made. Raises `PasskeyRefused`."""
        try:
            made = webauthn.verify_registration_response(
                credential=answer,
                expected_challenge=base64url_to_bytes(challenge),
                expected_rp_id=self._host,
                expected_origin=self._origin,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError) as error:
            raise PasskeyRefused from error
        key = bytes_to_base64url(made.credential_public_key)
        return Passkey(bytes_to_base64url(made.credential_id), key, made.sign_count, name, now)

    def request(self, challenge: str, known: Sequence[Passkey]) -> str:
        """The options, in JSON, for `navigator.credentials.get`."""
        options = webauthn.generate_authentication_options(
            rp_id=self._host,
            challenge=base64url_to_bytes(challenge),
            allow_credentials=_described(known),
            user_verification=UserVerificationRequirement.PREFERRED,
        )
        return webauthn.options_to_json(options)

    def check(self, answer: str, challenge: str, known: Sequence[Passkey]) -> Passkey:
        """The passkey that has answered a challenge, with its new count. Raises `PasskeyRefused`."""
        try:
            used_id = json.loads(answer)["id"]
            used = next(passkey for passkey in known if passkey.id == used_id)
            proved = webauthn.verify_authentication_response(
                credential=answer,
                expected_challenge=base64url_to_bytes(challenge),
                expected_rp_id=self._host,
                expected_origin=self._origin,
                credential_public_key=base64url_to_bytes(used.public_key),
                credential_current_sign_count=used.sign_count,
            )
        except (WebAuthnException, StopIteration, ValueError, KeyError, TypeError) as error:
            raise PasskeyRefused from error
        return replace(used, sign_count=proved.new_sign_count)


def _described(known: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(passkey.id)) for passkey in known]
