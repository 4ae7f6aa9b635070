"""Writes the figures of docs/scale.md anew: `python -m benchmarks.scale`."""

from benchmarks.machine import ROOT
from benchmarks.scale.report import figures, replaced

PAGE = ROOT / "docs" / "scale.md"

if __name__ == "__main__":
    PAGE.write_text(replaced(PAGE.read_text(), figures()))
