"""Reading environment variables: one method a kind of value, and errors that name the variable."""

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar, get_args

from functions.farebox.errors import BadConfig
from functions.farebox.kit.emails import is_address, normalise_email
from functions.farebox.kit.money import MAX_NANOS, parse_usd
from functions.farebox.kit.secret_names import is_pinned, is_resource
from functions.farebox.secrets.rotating import Secret

T = TypeVar("T")

MAX_DOCUMENT_BYTES = 4 * 1024 * 1024
FEWEST_DIFFERENT = 6  # characters in a secret that others could try to guess


class Environment:
    """The environment's variables, where a blank one counts as absent.

    `fetch` answers a secret for its Secret Manager resource name, or raises an exception that says why it cannot.
    """

    def __init__(self, variables: Mapping[str, str], fetch: Callable[[str], str]) -> None:
        self._variables = variables
        self._fetch = fetch
        self._known: set[str] = set()

    def unknown(self, prefix: str) -> list[str]:
        """The variables that begin so and that nobody has asked for, by name."""
        return sorted(name for name in self._variables if name.startswith(prefix) and name not in self._known)

    def text(self, name: str) -> str | None:
        """A variable's text, trimmed; `None` where it is absent."""
        self._known.add(name)
        return self._variables.get(name, "").strip() or None

    def choice(self, name: str, literal: Any, default: str) -> Any:
        """One of the values of a `Literal` type."""
        value = self.text(name) or default
        options = get_args(literal)
        if value not in options:
            raise BadConfig(name, f"{value!r} is none of: {', '.join(options)}")
        return value

    def integer(self, name: str, default: int, *, low: int, high: int) -> int:
        """A whole number within bounds."""
        text = self.text(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdecimal() and len(text) < 10 and low <= int(text) <= high):
            raise BadConfig(name, f"{text!r} is no whole number from {low} to {high}")
        return int(text)

    def ratio(self, name: str, default: float) -> float:
        """A number from 0 to 1."""
        text = self.text(name)
        if text is None:
            return default
        if not re.fullmatch(r"0|1|[01]?\.[0-9]{1,9}", text) or not 0 <= float(text) <= 1:
            raise BadConfig(name, f"{text!r} is no number from 0 to 1")
        return float(text)

    def usd(self, name: str, default: int) -> int:
        """An amount of USD that is not negative, in nano-USD."""
        text = self.text(name)
        if text is None:
            return default
        try:
            amount = parse_usd(text)
        except ValueError as error:
            raise BadConfig(name, str(error)) from error
        if not 0 <= amount <= MAX_NANOS:
            raise BadConfig(name, "an amount may not be negative")
        return amount

    def url(self, name: str) -> str | None:
        """An http(s) address, without a slash at its end."""
        text = self.text(name)
        if text is not None and not text.startswith(("https://", "http://")):
            raise BadConfig(name, "write an address that begins with https:// or http://")
        return text.rstrip("/") if text else None

    def words(self, name: str) -> tuple[str, ...]:
        """What stands between commas."""
        return tuple(word.strip() for word in (self.text(name) or "").split(",") if word.strip())

    def choices(self, name: str, known: frozenset[str]) -> frozenset[str]:
        """Any of these words, between commas."""
        chosen = frozenset(self.words(name))
        if not chosen <= known:
            raise BadConfig(name, f"write some of {', '.join(sorted(known))}, with commas between them")
        return chosen

    def emails(self, name: str) -> frozenset[str]:
        """E-mail addresses between commas, in the spelling under which they are compared."""
        addresses = frozenset(normalise_email(word) for word in self.words(name))
        for address in sorted(addresses):
            if not is_address(address):
                raise BadConfig(name, f"{address!r} is no e-mail address")
        return addresses

    def email(self, name: str) -> str | None:
        """One e-mail address."""
        addresses = self.emails(name)
        if len(addresses) > 1:
            raise BadConfig(name, "write one e-mail address")
        return next(iter(addresses), None)

    def secret(self, name: str, *, least: int = 1) -> Secret | None:
        """A secret: the variable's own value, or what Secret Manager holds under the name in `<name>_SECRET`.

        The latest version is followed; one that is named stays. It has `least` characters or more, and is no word or
        pattern, wherever it comes from, and whenever.
        """
        value, resource = self.text(name), self.text(f"{name}_SECRET")
        if resource is None:
            if value is None:
                return None
            try:
                return Secret(name, check_strength(value, least))
            except ValueError as error:
                raise BadConfig(name, str(error)) from error
        if value is not None:
            raise BadConfig(f"{name}_SECRET", f"{name} is set as well; set one of the two")
        if not is_resource(resource):
            raise BadConfig(f"{name}_SECRET", "write projects/PROJECT/secrets/NAME, or that with /versions/VERSION")

        def look() -> str:
            return check_strength(_require_text(self._fetch(resource).strip(), resource), least)

        try:
            return Secret(name, look(), None if is_pinned(resource) else look)
        except Exception as error:
            raise BadConfig(f"{name}_SECRET", str(error)) from error

    def document(self, name: str, shape: type[T]) -> T | None:
        """A JSON list or object, or the path of a file that holds one. Fractions come as `Decimal`: they are money."""
        return _parse_document(name, self.text(name), shape, Decimal)

    def secret_document(self, name: str, shape: type[T]) -> T | None:
        """A JSON list or object, or a path to one, that may come from Secret Manager because it holds keys."""
        secret = self.secret(name)
        return _parse_document(name, None if secret is None else secret.value, shape, float)


def check_strength(secret: str, least: int) -> str:
    """The secret, if it is as long as it must be and not all the same few characters. Raises `ValueError`.

    What was chosen at random passes: of 16 characters, even of hexadecimal digits, fewer than six different ones do not
    come about.
    """
    if len(secret) < least:
        raise ValueError(f"it has fewer than {least} characters; `openssl rand -hex 32` makes a good one")
    if least > FEWEST_DIFFERENT and len(set(secret)) < FEWEST_DIFFERENT:
        raise ValueError("it is made of very few different characters; `openssl rand -hex 32` makes a good one")
    return secret


def _require_text(text: str, resource: str) -> str:
    if not text:
        raise ValueError(f"{resource} is empty")
    return text


def _parse_document(name: str, text: str | None, shape: type[T], fraction: Callable[[str], Any]) -> T | None:
    if text is None:
        return None
    if not text.startswith(("[", "{")):
        text = _read_file(name, Path(text))
    try:
        value = json.loads(text, parse_float=fraction, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BadConfig(name, f"this is no JSON: {error}") from error
    if not isinstance(value, shape):
        raise BadConfig(name, f"write a JSON {'list' if shape is list else 'object'}")
    return value


def _read_file(name: str, path: Path) -> str:
    try:
        if path.stat().st_size > MAX_DOCUMENT_BYTES:
            raise BadConfig(name, f"{path} is larger than {MAX_DOCUMENT_BYTES} bytes")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadConfig(name, f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadConfig(name, f"{path} is no UTF-8 text") from error


def _refuse_constant(constant: str) -> None:
    raise ValueError(f"{constant} is no number")
