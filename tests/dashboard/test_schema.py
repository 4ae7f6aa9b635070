"""The API's types in the dashboard are those of the API."""

import subprocess
from pathlib import Path

from tests.support.processes import ROOT
from tests.support.skipping import absent


def test_the_types_of_the_api_are_up_to_date(tmp_path: Path) -> None:
    if subprocess.run(["sh", ROOT / "scripts/find_node.sh"], check=False).returncode != 0:
        absent("Node.js 20.19 or newer is not installed")
    fresh = tmp_path / "schema.d.ts"
    subprocess.run(["sh", ROOT / "scripts/update_dashboard_schema.sh", fresh], check=True, timeout=110)
    committed = (ROOT / "dashboard/src/api/schema.d.ts").read_text()
    assert fresh.read_text() == committed, "run `make dashboard-schema`"
