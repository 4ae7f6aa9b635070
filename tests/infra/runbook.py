"""Runs a document's shell blocks as they stand, in a checkout where only what talks to Google is a stand-in.

`gcloud`, `terraform`, `npx` and `make` note what they are told, which a test holds against what the tools know; they
fail where a file that they are given is not there, and where what they are told comes too early: before a database is
restored, or while a new revision would get every request. `curl` reaches a real Farebox in the domain's place, and the
command line works on a real database.
"""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.processes import ROOT
from tests.support.product.runtime import SECRET

DOMAIN = "llm.example.com"
SECRET_NAME = "farebox-farebox-secret-key"
TIMEOUT_S = 300
LINKED = ("functions", "infra", "dashboard", "main.py", "requirements.txt", "docs", "Makefile", "pyproject.toml")

NOTE = r"""
for word in "$@"; do printf '%s\0' "$word"; done >>"$NOTES"; printf '\n' >>"$NOTES"
"""
FILES = r"""
for word in "$@"; do
    case "$word" in
        *operations/*) ;;
        *farebox-restored*) test ! -f "$STATE/restoring" || { echo "farebox-restored is not ready" >&2; exit 1; } ;;
    esac
    case "$word" in
        -var-file=*) test -f "infra/${word#-var-file=}" || { echo "no file infra/${word#-var-file=}" >&2; exit 1; } ;;
        --data-file=-) test -n "$(cat)" || { echo "nothing came in" >&2; exit 1; } ;;
        --data-file=*) test -f "${word#--data-file=}" || { echo "no file ${word#--data-file=}" >&2; exit 1; } ;;
    esac
done
"""
TOOLS = {
    "gcloud": r"""
case "$*" in
    "secrets versions access"*admin-secret-key*) printf %s "$THE_ADMIN_KEY" ;;
    "secrets versions describe latest "*) echo "projects/$PROJECT_ID/secrets/$SECRET_NAME/versions/1" ;;
    "secrets versions access"*) printf %s "a secret" ;;
    "firestore backups list"*"value(name)"*) echo "projects/p/locations/nam5/backups/b1" ;;
    "firestore databases restore "* | "firestore databases clone "* | "firestore databases create "*)
        echo 2 >"$STATE/restoring"
        echo "projects/$PROJECT_ID/databases/farebox-restored/operations/o1"
        ;;
    "firestore operations describe "*"value(done)"*)
        left=$(cat "$STATE/restoring")
        if [ "$left" = 0 ]; then rm "$STATE/restoring" && echo True; else echo "$((left - 1))" >"$STATE/restoring"; fi
        ;;
    "firestore indexes composite list "*"--format=json"*) cat "$STATE/indexes.json" ;;
    "run services describe farebox-chat "*"value(status.latestReadyRevisionName)"*) echo farebox-chat-00001-old ;;
    "run services update-traffic farebox-chat "*"--to-latest"*) rm -f "$STATE/sent" ;;
    "run services update-traffic farebox-chat "*) touch "$STATE/sent" ;;
    "run revisions list"*) printf 'farebox-chat-00002-new\nfarebox-chat-00001-old\n' ;;
    "storage cp "*) test -f "$3" || { echo "no file $3" >&2; exit 1; } ;;
esac
""",
    "terraform": r"""
case "$*" in
    *"-raw ip_address") printf 192.0.2.1 ;;
    *"-raw hosting_site") printf "$PROJECT_ID" ;;
    *"show -json") cat "$STATE/state.json" ;;
    *hold_traffic=*) test -f "$STATE/sent" || { echo "the new revision would get every request" >&2; exit 1; } ;;
esac
""",
    "npx": "",
    "make": "",
    "git": "",
}
CURL = r"""#!/bin/sh
for word in "$@"; do
    shift
    case "$word" in
        "https://$DOMAIN/health/"*) word="$FAREBOX_URL/health" ;;
        "https://$DOMAIN"*) word="$FAREBOX_URL${word#"https://$DOMAIN"}" ;;
    esac
    set -- "$@" "$word"
done
case "$*" in
    *"$FAREBOX_URL/api/wallet/checkout"*) # whose page somebody opens, and pays at
        as_admin="X-Admin-Key: $THE_ADMIN_KEY"
        user=$("$REAL_CURL" -fs "$FAREBOX_URL/api/admin/users?email=ada@" -H "$as_admin" |
            sed -E 's/.*"id": ?"([^"]*)".*/\1/')
        "$REAL_CURL" -fs -o /dev/null "$FAREBOX_URL/api/admin/credits/bonus" -H "$as_admin" \
            -H 'content-type: application/json' \
            -d "{\"user_id\": \"$user\", \"amount_usd\": \"5\", \"reason\": \"paid\"}"
        ;;
esac
case "$*" in *%{http_code}*) ;; *) set -- --fail-with-body "$@" ;; esac # who asks for the status looks at it
exec "$REAL_CURL" "$@"
"""
PYTHON = r"""#!/bin/sh
case "${FAREBOX_SECRET_KEY_SECRET:-}" in
    "projects/$PROJECT_ID/secrets/$SECRET_NAME" | "projects/$PROJECT_ID/secrets/$SECRET_NAME/versions/1")
        unset FAREBOX_SECRET_KEY_SECRET
        export FAREBOX_SECRET_KEY="$THE_SECRET_KEY"
        ;;
esac
if [ "${FAREBOX_NEW_SECRET_KEY_SECRET:-}" = "projects/$PROJECT_ID/secrets/$SECRET_NAME-next" ]; then
    unset FAREBOX_NEW_SECRET_KEY_SECRET
    export FAREBOX_NEW_SECRET_KEY="the next key, of $THE_SECRET_KEY"
fi
case "${FAREBOX_STORE:-}" in
    *farebox-restored) test ! -f "$STATE/restoring" || { echo "farebox-restored is not ready" >&2; exit 1; } ;;
esac
exec "$REAL_PYTHON" "$@"
"""


@dataclass(frozen=True)
class Ran:
    """How a document's commands ended. `told` is what each stand-in was called with, its own name first."""

    status: int
    output: str
    told: list[list[str]]


class Checkout:
    """A checkout in a folder, and the environment of somebody who follows the documents in it."""

    def __init__(self, folder: Path, farebox_url: str, admin_key: str, project: str) -> None:
        self.folder = folder
        self._notes = folder / "notes"
        for name in LINKED:
            (folder / name).symlink_to(ROOT / name)
        (folder / "infra").unlink()
        (folder / "infra").mkdir()
        for file in (ROOT / "infra").iterdir():
            (folder / "infra" / file.name).symlink_to(file)
        (folder / "upstreams.json").write_text("[]")
        (folder / ".farebox").mkdir()
        (folder / ".farebox/secret.key").write_text(SECRET)
        scripts, tools, state = folder / "scripts", folder / "tools", folder / "state"
        for made in (scripts, tools, state):
            made.mkdir()
        (state / "state.json").write_text(json.dumps({"values": {"root_module": {"resources": []}}}))
        (state / "indexes.json").write_text("[]")
        for script in (ROOT / "scripts").glob("*.*"):
            (scripts / script.name).symlink_to(script)
        (scripts / "install.sh").unlink()
        _program(scripts / "install.sh", '#!/bin/sh\ntest -f "$1"\n')  # what it installs is what runs this
        for name, answers in TOOLS.items():
            _program(tools / name, f'#!/bin/sh\nset -eu\nset -- {name} "$@"\n{NOTE}shift\n{FILES}{answers}')
        _program(tools / "curl", CURL)
        _program(tools / "sleep", "#!/bin/sh\n")  # nobody waits here
        _program(folder / ".venv/bin/python", PYTHON)
        self.environment = {
            **os.environ,
            "PATH": f"{tools}:{os.environ['PATH']}",
            "NOTES": str(self._notes),
            "STATE": str(state),
            "REAL_CURL": subprocess.run(["which", "curl"], check=True, capture_output=True, text=True).stdout.strip(),
            "REAL_PYTHON": sys.executable,
            "FAREBOX_URL": farebox_url,
            "SECRET_NAME": SECRET_NAME,
            "THE_ADMIN_KEY": admin_key,
            "THE_SECRET_KEY": SECRET,
            "DOMAIN": DOMAIN,
            "PROJECT_ID": project,
            "REGION": "us-central1",
        }

    def run(self, script: str, **more: str) -> Ran:
        """Run commands, up to the first that fails."""
        self._notes.write_text("")
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.folder,
            env={**self.environment, **more},
            input="a value\n" * 8,
            check=False,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
        )
        told = [line.rstrip("\0").split("\0") for line in self._notes.read_text().splitlines() if line]
        return Ran(done.returncode, done.stdout + done.stderr, told)


def _program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def shell_of(text: str, replaced: Mapping[str, str] | None = None) -> str:
    """The shell blocks of a document in their order, as one script."""
    blocks = re.findall(r"^( *)```sh\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    script = "\n".join(re.sub(rf"^{indent}", "", block, flags=re.MULTILINE) for indent, block in blocks)
    for old, new in (replaced or {}).items():
        assert old in script, shlex.quote(old)
        script = script.replace(old, new)
    return script
