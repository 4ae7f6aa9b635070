"""Every command in the operators' documents is one: its tool knows it, and each of its flags."""

import functools
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from functions.edge.asgi.deployables import edge_of
from tests.support.patience import PATIENCE_S
from tests.support.product.forked import run_forked

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "docs" / name for name in ("deploy.md", "operate.md", "security.md", "upgrade.md")]
NOT_RUN = [ROOT / "docs" / "security.md"]  # the others' commands are run, and checked then: test_runbooks.py
PLAIN = {"cp", "export", "echo", "printf", "read"}  # commands of every shell
FIREBASE = {  # what firebase-tools knows of what is used of it; it is not installed here
    "login": set(),
    "target:apply": {"--config", "--project"},
    "deploy": {"--config", "--project", "--only", "--non-interactive"},
}
# What today's gcloud has, and the one that builds run has not yet.
NEWER: dict[tuple[str, ...], set[str]] = {  # https://cloud.google.com/sdk/gcloud/reference/firestore/databases/clone
    ("firestore", "databases", "clone"): {"--source-database", "--snapshot-time", "--destination-database"},
}
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


class Unknown(Exception):
    """A tool that has no such command, or a command that has no such flag."""


def commands(document: Path) -> Iterator[list[str]]:
    """The words of each command in a document's shell blocks."""
    for block in re.findall(r"^ *```sh\n(.*?)^ *```", document.read_text(), re.DOTALL | re.MULTILINE):
        for line in block.replace("\\\n", " ").splitlines():
            for command in _split(shlex.split(line)):
                while command and re.match(r"[A-Z_]+=", command[0]):
                    command = command[1:]
                if command:
                    yield command
                for inner in re.findall(r"\$\(([^)]*)\)", " ".join(command)):
                    yield shlex.split(inner)


def _split(words: list[str]) -> Iterator[list[str]]:
    while "|" in words:
        at = words.index("|")
        yield words[:at]
        words = words[at + 1 :]
    yield words


@functools.cache
def gcloud_tree() -> dict[str, Any]:
    """Every command of gcloud and its flags: the table that its completion uses, which needs no network and no time."""
    executable = shutil.which("gcloud")
    assert executable is not None
    table = Path(executable).resolve().parents[1] / "data/cli/gcloud_completions.py"
    spec = importlib.util.spec_from_file_location("gcloud_completions", table)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    tree: dict[str, Any] = module.STATIC_COMPLETION_CLI_TREE
    return tree


def check_gcloud(words: list[str]) -> None:
    node, flags = gcloud_tree(), set(gcloud_tree()["flags"])
    rest = words[1:]
    if tuple(words[1:4]) in NEWER:
        node, flags, rest = {}, flags | NEWER[tuple(words[1:4])], words[4:]
    while rest and rest[0] in node.get("commands", {}):
        node = node["commands"][rest.pop(0)]
        flags |= set(node.get("flags", ()))
    if node.get("commands"):
        raise Unknown(f"{rest[:1]} is no command of {words}")
    for word in rest:
        flag = word.partition("=")[0]
        if word.startswith("--") and not {flag, flag.replace("--no-", "--")} & flags:
            raise Unknown(f"{word} in {words}")


@functools.cache
def terraform_help(command: str) -> str:
    done = subprocess.run(["terraform", command, "-help"], check=False, capture_output=True, text=True, timeout=60)
    planning = "" if command != "apply" else terraform_help("plan")  # whose flags it takes too
    return done.stdout + planning if done.returncode == 0 else ""


def check_terraform(words: list[str]) -> None:
    rest = [word for word in words[1:] if not word.startswith("-chdir=")]
    known = terraform_help(rest[0])
    if not known:
        raise Unknown(f"{rest[0]} in {words}")
    for word in rest[1:]:
        if word.startswith("-") and not re.search(rf"^\s+{re.escape(word.partition('=')[0])}\b", known, re.MULTILINE):
            raise Unknown(f"{word} in {words}")


@functools.cache
def curl_help() -> str:
    return subprocess.run(["curl", "--help", "all"], check=True, capture_output=True, text=True, timeout=60).stdout


def check_curl(words: list[str]) -> None:
    for flag in (word for word in words if re.match(r"-\w$|--\w", word)):
        if not re.search(rf"^\s*(?:-\w, )?{re.escape(flag)}\b", curl_help(), re.MULTILINE):
            raise Unknown(f"{flag} in {words}")
    for word in words:
        path = re.match(r"https://\$DOMAIN(/[^?]*)", word)
        if path and edge_of(path[1]) is None:
            raise Unknown(f"{path[1]} in {words}")


def check_sh(words: list[str]) -> None:
    if not (ROOT / words[1]).is_file():
        raise Unknown(words[1])


def check_make(words: list[str]) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for word in words[1:]:
        if "=" not in word and word not in targets:
            raise Unknown(f"{word} in {words}")


def check_python(words: list[str]) -> None:
    """`python -m functions.farebox COMMAND ...`, as its own help has it."""
    if words[1:3] != ["-m", "functions.farebox"]:
        raise Unknown(" ".join(words))
    done = run_forked([*words[1:4], "--help"], ROOT, os.environ, PATIENCE_S)
    for flag in (word.partition("=")[0] for word in words[4:] if word.startswith("--")):
        if flag not in done.stdout:
            raise Unknown(f"{flag} in {words}")
    if done.returncode != 0:
        raise Unknown(" ".join(words))


def check_npx(words: list[str]) -> None:
    pinned = re.search(r"firebase-tools@[\d.]+", (ROOT / "cloudbuild.yaml").read_text())
    assert pinned
    if words[1:3] != ["--yes", pinned[0]] or words[3] not in FIREBASE:
        raise Unknown(" ".join(words))
    flags = {word.partition("=")[0] for word in words[4:] if word.startswith("--")}
    if not flags <= FIREBASE[words[3]]:
        raise Unknown(f"{flags} in {words}")


def check_git(words: list[str]) -> None:
    if subprocess.run(["git", words[1], "-h"], check=False, capture_output=True, cwd=ROOT).returncode != 129:
        raise Unknown(" ".join(words))


CHECKS = {
    "git": check_git,
    "make": check_make,
    "npx": check_npx,
    "python": check_python,
    "gcloud": check_gcloud,
    "terraform": check_terraform,
    "curl": check_curl,
    "sh": check_sh,
}


def check(words: list[str]) -> None:
    if words[0] in PLAIN:
        return
    if words[0] not in CHECKS:
        raise Unknown(f"{words[0]}: teach this test what it may be asked")
    if words[0] in ("gcloud", "terraform") and shutil.which(words[0]) is None:
        pytest.skip(f"{words[0]} is not installed here")
    CHECKS[words[0]](words)


@pytest.mark.parametrize("document", NOT_RUN, ids=lambda path: path.name)
def test_every_command_and_flag_exists(document: Path) -> None:
    for command in commands(document):
        check(command)


def test_every_command_of_a_build_exists() -> None:
    for step in YAML(typ="safe").load(ROOT / "cloudbuild.yaml")["steps"]:
        tool = step.get("entrypoint") or step["name"].rpartition("/")[2].partition(":")[0]
        if tool in ("gcloud", "terraform"):
            check([tool, *step["args"]])
        elif "-ceu" in step["args"]:
            lines = step["args"][-1].splitlines()
            for line in lines:
                if line.startswith(("terraform", "npx")):
                    check(shlex.split(line))


@pytest.mark.parametrize(
    "command",
    [
        "gcloud firestore backups show",
        "gcloud run jobs execute x --regio=y",
        "terraform conquer",
        "terraform apply -var-fil=x",
        "curl https://$DOMAIN/v3/models",
        "curl --nonsense https://$DOMAIN/v1/models",
        "sh scripts/nothing.sh",
        "make nothing",
        "python -m functions.farebox nothing",
        "python -m functions.farebox audit --nothing",
        "npx --yes firebase-tools@0.0.1 deploy",
        "git nothing",
        "unheard --of",
    ],
)
def test_a_command_that_does_not_exist_is_found(command: str) -> None:
    with pytest.raises(Unknown):
        check(command.split())


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_paths_and_make_targets_lead_somewhere(document: Path) -> None:
    text = document.read_text()
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)`", text)) <= targets
    for link in re.findall(r"\]\(([\w./-]+)\)", text):
        assert (document.parent / link).exists(), link
    for file in re.findall(r"`((?:infra|scripts|docs)/[\w./]+\.\w+)`", text):
        made = file in ("infra/deploy.tfvars", "infra/.terraform.lock.hcl")  # by whoever follows the document
        assert made or (ROOT / file).exists(), file
    for path in re.findall(rf"`(?:{'|'.join(METHODS)}) (/[\w/{{}}-]+)`", text):
        assert edge_of(path), path
