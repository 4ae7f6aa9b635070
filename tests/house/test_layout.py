"""The house's plan: which package may import which, and that a folder can be taken in at a glance."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import ROOT

FUNCTIONS = ROOT / "functions"
MOST_MODULES = 15  # in one folder
FACES = {"storage", "identity", "audit", "config"}  # packages whose `__init__.py` is their public face
PACKAGES = sorted(path.parent.relative_to(ROOT).as_posix() for path in FUNCTIONS.rglob("__init__.py"))
# Folders of tests that are about more than one package, or about what is no package.
TESTS_OF_MORE = {
    "browser", "conformance", "dashboard", "house", "infra", "integrations", "interop", "load", "rules",
    "scenarios", "simulation", "support", "upgrade",
}  # fmt: skip

# By why they are wrong: where, what, and the module that is imported.
PLANTED = {
    "upward, from the bottom": (
        "farebox/kit/money.py",
        "from functions.farebox.ledger.book import Book",
        "functions.farebox.ledger.book",
    ),
    "upward, inside a function": (
        "farebox/ledger/wallet.py",
        "def late() -> None:\n    from functions.farebox.leases import pool",
        "functions.farebox.leases.pool",
    ),
    "sideways": (
        "farebox/keys/api_key.py",
        "import functions.farebox.metering.standing",
        "functions.farebox.metering.standing",
    ),
    "from the library into the edge": (
        "farebox/usage/listing.py",
        "import functions.edge.asgi.errors",
        "functions.edge.asgi.errors",
    ),
    "from the edge into a deployable": ("edge/rest/paging.py", "import functions.wallet", "functions.wallet"),
    "upward within the edge": (
        "edge/asgi/errors.py",
        "import functions.edge.chat.response",
        "functions.edge.chat.response",
    ),
    "pydantic in every chat's cold start": ("farebox/data_plane/admission.py", "import pydantic", "pydantic"),
}


def lint(directory: Path) -> subprocess.CompletedProcess[str]:
    """What the check says of the tree in a directory."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"]
    return subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=60, check=False)


def copied(directory: Path) -> Path:
    """The tree, in a directory; answers its `functions`."""
    shutil.copytree(FUNCTIONS, directory / "functions", ignore=shutil.ignore_patterns("__pycache__", "data"))
    shutil.copy(ROOT / "pyproject.toml", directory)
    return directory / "functions"


def test_each_import_against_the_plan_is_found(tmp_path: Path) -> None:
    functions = copied(tmp_path)
    for module, line, _ in PLANTED.values():
        with (functions / module).open("a") as file:
            file.write(f"\n{line}\n")
    found = lint(tmp_path)
    assert found.returncode == 1, found.stdout + found.stderr
    for why, (module, _, imported) in PLANTED.items():
        importer = f"functions/{module}".removesuffix(".py").replace("/", ".")
        assert f" {importer} -> {imported} (" in found.stdout, f"{why}: {found.stdout}"


def test_a_package_that_is_on_no_floor_is_found(tmp_path: Path) -> None:
    attic = copied(tmp_path) / "farebox/attic"
    attic.mkdir()
    (attic / "__init__.py").touch()
    found = lint(tmp_path)
    assert found.returncode == 1, found.stdout + found.stderr
    assert "attic" in found.stdout + found.stderr


def test_imports_run_downward() -> None:
    found = lint(ROOT)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_says_what_it_is_and_can_be_taken_in_at_a_glance(package: str) -> None:
    folder = ROOT / package
    face = ast.parse((folder / "__init__.py").read_text())
    assert ast.get_docstring(face), "say what the package owns"
    modules = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
    assert len(modules) <= MOST_MODULES
    if folder.name not in FACES:
        assert len(face.body) == 1, "what a package's `__init__.py` imports, every cold start pays for"


def test_tests_stand_where_what_they_test_stands() -> None:
    folders = {path.parent.relative_to(ROOT / "tests") for path in (ROOT / "tests").rglob("test_*.py")}
    for folder in folders - {Path()}:  # directly in tests/: of a module that is in no package
        package, top = folder.as_posix(), folder.parts[0]
        known = [f"functions/farebox/{package}", f"functions/{package}"]
        assert top in TESTS_OF_MORE or any(name in PACKAGES for name in known), package
