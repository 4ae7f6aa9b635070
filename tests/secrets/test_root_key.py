import multiprocessing
import stat
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from functions.farebox.secrets.root_key import SecretKey, load_or_create

SECRET = b"0123456789abcdef0123456789abcdef"


def test_derived_keys_are_those_of_hkdf() -> None:
    expected = HKDF(SHA256(), 32, salt=None, info=b"farebox api-keys").derive(SECRET)
    assert SecretKey(SECRET).derive("api-keys") == expected


def test_keys_for_different_purposes_differ_and_stay() -> None:
    key = SecretKey(SECRET)
    assert key.derive("api-keys") != key.derive("local-tokens")
    assert key.derive("api-keys") == SecretKey(SECRET).derive("api-keys")


def test_the_file_is_its_owners_alone_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / ".farebox" / "secret.key"
    made = load_or_create(path)
    assert len(made) >= 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_or_create(path) == made
    assert [file.name for file in path.parent.iterdir()] == ["secret.key"]


def test_processes_that_start_together_agree_on_one_secret(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        made = pool.map(load_or_create, [tmp_path / "new" / "secret.key"] * 32, chunksize=1)
    assert len(set(made)) == 1
