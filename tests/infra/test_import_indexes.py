"""A restored database's indexes are taken over by Terraform, each by the one that it has in the old database."""

import re
from typing import Any

from scripts.import_indexes import import_blocks
from tests.infra.terraform import Configuration, read_module

NEW = "projects/p/databases/farebox-restored/collectionGroups"


def _fields(written: list[str]) -> list[tuple[str, str]]:
    return [(field.split()[0], "DESCENDING" if field.endswith(" desc") else "ASCENDING") for field in written]


def _state(infra: Configuration) -> dict[str, Any]:
    """What `terraform show -json` says after an apply of what is in `infra/`."""
    resources = [{"address": "google_firestore_database.main", "type": "google_firestore_database", "values": {}}]
    for name, scope in (("composite", "COLLECTION"), ("group", "COLLECTION_GROUP")):
        for key, index in infra.locals[f"{name}_index"].items():
            fields = [
                {"field_path": path, "order": order, "array_config": ""} for path, order in _fields(index["fields"])
            ]
            values = {"collection": index["collection"], "query_scope": scope, "fields": fields}
            address = f'google_firestore_index.{name}["{key}"]'
            resources.append({"address": address, "type": "google_firestore_index", "values": values})
    return {"values": {"root_module": {"resources": resources}}}


def _listed(infra: Configuration) -> dict[str, dict[str, Any]]:
    """By its address, what `gcloud firestore indexes composite list --format=json` says of each."""
    listed: dict[str, dict[str, Any]] = {}
    for resource in _state(infra)["values"]["root_module"]["resources"][1:]:
        values = resource["values"]
        fields = [{"fieldPath": field["field_path"], "order": field["order"]} for field in values["fields"]]
        fields.append({"fieldPath": "__name__", "order": fields[-1]["order"]})
        name = f"{NEW}/{values['collection']}/indexes/CI{len(listed)}"
        listed[resource["address"]] = {"name": name, "queryScope": values["query_scope"], "fields": fields}
    return listed


def test_each_index_is_imported_by_the_name_that_it_has_in_the_restored_database() -> None:
    infra = read_module()
    listed = _listed(infra)
    assert len(listed) == len(infra.locals["composite_index"]) + len(infra.locals["group_index"])
    blocks = import_blocks(_state(infra), list(reversed(listed.values())))
    imported = dict(re.findall(r'import \{\n  to = (.*)\n  id = "(.*)"\n\}', blocks))
    assert imported == {address: index["name"] for address, index in listed.items()}


def test_what_the_restored_database_does_not_have_is_left_to_the_apply() -> None:
    infra = read_module()
    listed = _listed(infra)
    missing = 'google_firestore_index.composite["usage_of_user"]'
    del listed[missing]
    vector = {
        "name": f"{NEW}/usage/indexes/V",
        "queryScope": "COLLECTION",
        "fields": [{"fieldPath": "x", "vectorConfig": {}}],
    }
    blocks = import_blocks(_state(infra), [*listed.values(), vector])
    assert blocks.count("import {") == len(listed)
    assert missing not in blocks
    assert "indexes/V" not in blocks
