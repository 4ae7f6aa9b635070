import pytest

from functions.farebox.secrets.secret_manager import SecretUnavailable, fetch
from tests.secrets.secret_manager import secret_manager


def test_a_secret_is_its_latest_version_unless_one_is_named() -> None:
    secrets = {"projects/p/secrets/s/versions/latest": b"new", "projects/p/secrets/s/versions/1": b"old"}
    with secret_manager(secrets) as client:
        assert fetch("projects/p/secrets/s", client) == "new"
        assert fetch("projects/p/secrets/s/versions/1", client) == "old"


def test_a_secret_that_is_not_there_is_named() -> None:
    with secret_manager({}) as client, pytest.raises(SecretUnavailable, match="projects/p/secrets/s"):
        fetch("projects/p/secrets/s", client)


def test_a_secret_that_is_no_text_is_refused() -> None:
    secrets = {"projects/p/secrets/s/versions/latest": b"\xff\xfe"}
    with secret_manager(secrets) as client, pytest.raises(SecretUnavailable, match="does not hold text"):
        fetch("projects/p/secrets/s", client)
