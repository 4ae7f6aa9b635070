"""What documents give to be pasted can be pasted into any shell."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *(ROOT / "docs").rglob("*.md"),
    *ROOT.glob("integrations/**/*.md"),
]
SNIPPETS = re.compile(r"^ *```sh[^\n]*\n(.*?)^ *```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_shell_snippet_has_a_comment(page: Path) -> None:
    """zsh, the Mac's own, takes `#` on a command line for a word, and an apostrophe behind it for a quote."""
    for snippet in SNIPPETS.findall(page.read_text()):
        assert not re.search(r"(?:^|\s)#", snippet), snippet


@pytest.mark.parametrize("name", [".env", "upstreams.json", ".farebox/secret.key"])
def test_what_the_documents_have_secrets_written_into_is_committed_by_nobody(name: str) -> None:
    assert any(name in page.read_text() for page in PAGES)
    assert subprocess.run(["git", "check-ignore", "-q", name], cwd=ROOT, check=False).returncode == 0
