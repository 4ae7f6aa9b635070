"""Seals secrets that must be stored, such as the keys of upstreams: authenticated encryption (Fernet)."""

import base64


class Unopened(Exception):
    """A sealed text does not open with this key: another sealed it, or it is damaged."""


class Seal:
    """Seals and opens texts with one 32-byte key."""

    def __init__(self, key: bytes) -> None:
        from cryptography.fernet import Fernet  # which a start can do without

        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def close(self, text: str) -> str:
        """The sealed form of a text; another one each time."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """The text. Raises `Unopened`."""
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise Unopened("it was sealed with another key, or is damaged") from error
