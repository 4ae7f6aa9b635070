"""Publishes results: docs/performance.json, .svg and the generated part of .md."""

import json
import subprocess
from collections.abc import Mapping
from typing import Any

from benchmarks.machine import ROOT
from benchmarks.report import tables

FOLDER = ROOT / "docs"
CHART_PYTHON = ROOT / ".venv-bench" / "bin" / "python"
PICTURE = "![Requests a second and processor time, side by side](performance.svg)\n\n"
BEGIN, END = "<!-- figures: written by python -m benchmarks --publish -->", "<!-- end of figures -->"


def publish(results: Mapping[str, Any]) -> None:
    """Write the files anew."""
    kept = FOLDER / "performance.json"
    kept.write_text(json.dumps(results, indent=1) + "\n")
    page = FOLDER / "performance.md"
    before, _, rest = page.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    picture = PICTURE if "throughput" in results else ""
    page.write_text(f"{before}{BEGIN}\n\n{picture}{tables(results)}\n\n{END}{after}")
    if picture:
        chart = [str(CHART_PYTHON), str(ROOT / "benchmarks" / "chart.py"), str(kept), str(FOLDER / "performance.svg")]
        subprocess.run(chart, check=True)
