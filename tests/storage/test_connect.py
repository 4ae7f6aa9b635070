"""An address names an engine, or is refused with a message that says how to write one."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from functions.farebox.storage import Set, Store
from functions.farebox.storage.connect import open_engine


def permissions(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_a_file_and_its_directories_are_made_for_their_owner_only(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/deep/down/farebox.db")
    assert not (tmp_path / "deep").exists()

    await Store(engine).write(Set("things/a", {"n": 1}))

    assert permissions(tmp_path / "deep" / "down") == 0o700
    files = sorted((tmp_path / "deep" / "down").iterdir())
    assert [file.name for file in files] == ["farebox.db", "farebox.db-shm", "farebox.db-wal"]
    assert {permissions(file) for file in files} == {0o600}
    await engine.close()


async def test_three_slashes_are_relative_to_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    engine = open_engine("sqlite:///.farebox/farebox.db")
    await Store(engine).write(Set("things/a", {"n": 1}))
    await engine.close()

    assert (tmp_path / ".farebox" / "farebox.db").is_file()


async def test_a_database_may_be_named(firestore_emulator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", firestore_emulator)
    default = Store(open_engine("firestore://test-names"))
    same = Store(open_engine("firestore://test-names/(default)"))
    other = Store(open_engine("firestore://test-names/other"))
    await default.write(Set("things/a", {"n": 1}))

    assert await same.get("things/a") is not None
    assert await other.get("things/a") is None
    for store in (default, same, other):
        await store.close()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "farebox.db",
        "sqlite://farebox.db",
        "sqlite:///",
        "sqlite:////tmp/",
        "sqlite:///farebox.db?mode=ro",
        "postgres://localhost/farebox",
        "firestore://",
        "firestore:///database",
        "firestore://Project",
        "firestore://project/data/base",
        "firestore://project/Database",
        "firestore://user@project/database",
    ],
)
def test_any_other_address_is_refused_with_what_to_write(url: str) -> None:
    with pytest.raises(ValueError, match=r"sqlite:///|firestore://|nothing may follow"):
        open_engine(url)


@pytest.mark.parametrize(
    ("url", "absent"),
    [
        ("sqlite:///x.db", "google.cloud.firestore_v1"),
        ("sqlite:///x.db", "grpc"),
        ("firestore://p", "sqlite3"),
        ("firestore://p", "google.cloud.firestore_v1"),
        ("firestore://p", "google.api_core"),
    ],
)
def test_only_the_chosen_engine_is_imported_and_nothing_is_opened(url: str, absent: str, tmp_path: Path) -> None:
    program = f"""
import sys, threading
from functions.farebox.storage import Store
from functions.farebox.storage.connect import open_engine
Store(open_engine({url!r}))
assert {absent!r} not in sys.modules, "imported"
assert threading.active_count() == 1, "a thread runs"
"""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run([sys.executable, "-c", program], check=True, cwd=tmp_path, env=environment, timeout=60)

    assert list(tmp_path.iterdir()) == []
