"""The root key, read from the environment or a file, and the one that a store is to be brought to."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from functions.farebox.environment import Environment, check_strength
from functions.farebox.errors import BadConfig
from functions.farebox.secrets.root_key import KEY_BYTES, SecretKey, load_or_create

NAME: Final = "FAREBOX_SECRET_KEY"
NEW_NAME: Final = "FAREBOX_NEW_SECRET_KEY"  # which the command reads that changes to it, and nothing else
NEW_SECRET_KEY_NAMES: Final = (NEW_NAME, f"{NEW_NAME}_SECRET")
FILE: Final = "secret.key"


def read_secret_key(env: Environment, state_dir: Path, on_cloud_run: bool) -> SecretKey:
    """The root key; away from Cloud Run of a file that is made, where no variable has it. Raises `BadConfig`."""
    text = _given(env, NAME)
    if text is None:
        if on_cloud_run:
            raise BadConfig(NAME, f"set it, or {NAME}_SECRET, to at least {KEY_BYTES} random characters")
        text = _of_file(state_dir / FILE)
    return _key(NAME, text)


def secret_key_file(state_dir: Path, variables: Mapping[str, str] = os.environ) -> Path | None:
    """The file that the root key is read from; `None` where a variable has it."""
    env = Environment(variables, fetch_secret_text)
    return None if env.text(NAME) or env.text(f"{NAME}_SECRET") else state_dir / FILE


def read_new_secret_key(
    file: Path | None,
    variables: Mapping[str, str] = os.environ,
    fetch: Callable[[str], str] | None = None,
) -> SecretKey:
    """The root key that the store is to be brought to. With a `file`, it is in there from now on, and is made there
    where no variable has it. Raises `BadConfig`."""
    text = _given(Environment(variables, fetch or fetch_secret_text), NEW_NAME)
    if file is None:
        if text is None:
            raise BadConfig(NEW_NAME, f"set it, or {NEW_NAME}_SECRET, to at least {KEY_BYTES} random characters")
        return _key(NEW_NAME, text)
    if text is not None:
        _key(NEW_NAME, text)
    kept = _of_file(file, text)
    if text not in (None, kept):
        raise BadConfig(NEW_NAME, f"{file} has another one, of a change that was cut off: leave this out")
    return _key(NEW_NAME, kept)


def fetch_secret_text(resource: str) -> str:
    """A secret's text from Secret Manager. Raises `SecretUnavailable`."""
    from functions.farebox.secrets.secret_manager import fetch  # its client takes 0.4 s to import

    return fetch(resource)


def _given(env: Environment, name: str) -> str | None:
    secret = env.secret(name)
    return None if secret is None else secret.value


def _of_file(path: Path, secret: str | None = None) -> str:
    try:
        return load_or_create(path, None if secret is None else secret.encode()).decode()
    except OSError as error:
        raise BadConfig(NAME, f"it is not set, and {path} cannot be used: {error.strerror}") from error


def _key(name: str, text: str) -> SecretKey:
    try:
        return SecretKey(check_strength(text, KEY_BYTES).encode())
    except ValueError as error:
        raise BadConfig(name, str(error)) from error
