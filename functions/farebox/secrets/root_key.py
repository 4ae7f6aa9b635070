"""The server's one secret, and the keys that are derived from it for each purpose.

Whoever holds it can sign tokens and tell which API key belongs to which hash; losing it makes every API key worthless.
It comes from `FAREBOX_SECRET_KEY`, or, away from Cloud Run, from a file that is made at the first start.
"""

import hashlib
import hmac
import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

KEY_BYTES = 32


class SecretKey:
    """Derives a key for each purpose, so that none of them tells anything about another.

    HKDF with SHA-256 (RFC 5869): extract with an empty salt, then the first block of expand with the purpose as info.
    """

    def __init__(self, secret: bytes) -> None:
        assert len(secret) >= KEY_BYTES, "config checked its length"
        self._root = hmac.digest(bytes(hashlib.sha256().digest_size), secret, hashlib.sha256)
        self._kept: dict[str, bytes] = {}

    def derive(self, purpose: str) -> bytes:
        """The 32-byte key for a purpose such as `"api-keys"`; the same one every time, once the store was opened."""
        return self._kept.get(purpose) or hmac.digest(
            self._root, f"farebox {purpose}".encode() + b"\x01", hashlib.sha256
        )

    def keep(self, sealed: Mapping[str, str] | None) -> None:
        """Take over keys of an earlier root, by their purposes, that the store keeps sealed with this one: hashes were
        made with them that nobody can make again (`reseal.py`)."""
        if sealed:
            from functions.farebox.secrets.seal import Seal  # cryptography, which a start can do without

            seal = Seal(self.derive("kept"))
            self._kept = {purpose: bytes.fromhex(seal.open(text)) for purpose, text in sealed.items()}


def load_or_create(path: Path, secret: bytes | None = None) -> bytes:
    """The secret in a file, which is made, readable by its owner alone, if it is not there: of `secret`, or at random.

    Processes that start together agree: the file appears complete and at once, and only the first one's stands.
    Raises `OSError` where the file can neither be read nor made.
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".secret-")  # mode 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(secret or secrets.token_urlsafe(KEY_BYTES).encode())
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):  # another process was first
                os.link(draft, path)
        finally:
            os.unlink(draft)
        _keep_names(path.parent)
    return path.read_bytes().strip()


def take_up(path: Path, successor: Path, former: Path) -> None:
    """Have a file's secret be the one in `successor`, and the one that it had be in `former`. Cut off anywhere, each of
    the two is in some file, and it can be done again. Raises `OSError`."""
    with suppress(FileExistsError):
        os.link(path, former)
    os.replace(successor, path)
    _keep_names(path.parent)


def _keep_names(folder: Path) -> None:
    """Have the names of a folder's files outlast a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
