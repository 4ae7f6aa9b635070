"""The chart of docs/performance.md. It is run by the interpreter that has Matplotlib: `.venv-bench/bin/python`."""

import json
import sys

import matplotlib as mpl

mpl.use("svg")
from matplotlib import pyplot as plt

SHOWN = {
    "bare relay": "#9aa5b1",
    "bare relay, a note of each": "#5f6b7a",
    "Farebox": "#0b7a75",
    "Portkey": "#d8973c",
    "LiteLLM": "#b4436c",
}
WIDTH = 0.8 / len(SHOWN)
CONNECTIONS = (1, 16, 64)


def main(results_path: str, svg_path: str) -> None:
    """Draw requests a second, plain and streamed, by connections."""
    with open(results_path) as file:
        runs = json.load(file)["throughput"]
    mpl.rcParams |= {"svg.hashsalt": "farebox", "svg.fonttype": "none", "font.size": 10}
    figure, axes = plt.subplots(1, 2, figsize=(10, 4), sharey=True, layout="constrained")
    for axis, kind in zip(axes, ("plain", "streamed"), strict=True):
        for place, (name, colour) in enumerate(SHOWN.items()):
            found = {
                run["connections"]: run["per_second"] for run in runs if (run["subject"], run["kind"]) == (name, kind)
            }
            where = [index + WIDTH * (place - (len(SHOWN) - 1) / 2) for index in range(len(CONNECTIONS))]
            bars = axis.bar(where, [found.get(many, 0) for many in CONNECTIONS], 0.95 * WIDTH, color=colour, label=name)
            axis.bar_label(bars, fmt="{:,.0f}", fontsize=7, padding=1)
        axis.set_title(kind)
        axis.set_xticks(range(len(CONNECTIONS)), [f"{many} connection{'s' * (many > 1)}" for many in CONNECTIONS])
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylabel("requests a second, one core")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=5, frameon=False, fontsize=8)
    figure.suptitle("Farebox pays for each request durably; the others keep no books here", fontsize=10)
    figure.savefig(svg_path, metadata={"Date": None})


if __name__ == "__main__":
    main(*sys.argv[1:])
