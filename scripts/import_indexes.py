"""Print the `import` blocks by which Terraform takes over the indexes that a restored database has brought along.

    terraform -chdir=infra show -json > state.json
    gcloud firestore indexes composite list --database=farebox-restored --format=json > indexes.json
    .venv/bin/python scripts/import_indexes.py state.json indexes.json > infra/restored.tf

The state is that of the old database, which names each index; the list is the new one's. What has no equal there is
made by the apply. An index's name is Google's own: projects/P/databases/D/collectionGroups/C/indexes/I.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# A collection, a scope, and the fields with their orders.
Shape = tuple[str, str, tuple[tuple[str, str], ...]]


def import_blocks(state: dict[str, Any], indexes: list[dict[str, Any]]) -> str:
    """The blocks, for `terraform show -json` and `gcloud firestore indexes composite list --format=json`."""
    named = {_listed(index): str(index["name"]) for index in indexes}
    found = ((address, named.get(shape)) for address, shape in _addresses(state))
    return "".join(f'import {{\n  to = {address}\n  id = "{name}"\n}}\n\n' for address, name in found if name)


def _addresses(state: dict[str, Any]) -> Iterator[tuple[str, Shape]]:
    for resource in state["values"]["root_module"]["resources"]:
        if resource["type"] == "google_firestore_index":
            values = resource["values"]
            fields = ((field["field_path"], field["order"]) for field in values["fields"])
            yield resource["address"], (values["collection"], values["query_scope"], _sorted_by(fields))


def _listed(index: dict[str, Any]) -> Shape:
    fields = ((field["fieldPath"], field.get("order", "")) for field in index["fields"])
    return index["name"].split("/")[5], index["queryScope"], _sorted_by(fields)


def _sorted_by(fields: Iterator[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Without the name of the document, which Google adds at the end of each."""
    return tuple(field for field in fields if field[0] != "__name__")


if __name__ == "__main__":
    _state, _indexes = (json.loads(Path(path).read_text()) for path in sys.argv[1:3])
    print(import_blocks(_state, _indexes), end="")
