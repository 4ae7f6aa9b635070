"""Makes `provider_schema.json`: what the resources that `infra/` uses take and give.

    pip download --no-deps cdktn-provider-google==19.1.0 cdktn-provider-google-beta==19.1.0    # provider 7.32.0
    for wheel in cdktn_provider_google*.whl; do unzip -oj "$wheel" '*.jsii.tgz'; done
    python -m tests.infra.derive_schema provider-google@*.tgz provider-google-beta@*.tgz

The provider itself needs the internet and a gigabyte; its typings say the same of names, nesting, types and what is
required. They are those of the oldest version that `versions.tf` lets in (`VERSION`).
An argument is `{"required", "type"}`, with `values` where only some may be given; a block is
`{"required", "block", "many"}`.
"""

import json
import re
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.infra.terraform import INFRA, Configuration, read_module

SCHEMA = Path(__file__).parent / "provider_schema.json"
VERSION = "7.32"

_INTERFACE = re.compile(r"export interface (\w+)(?: extends ([^{]+?))? \{\n(.*?)^\}", re.DOTALL | re.MULTILINE)
_MEMBER = re.compile(r"/\*\*(.*?)\*/\s*readonly (\w+)(\??): ([^;]+);", re.DOTALL)
_CLASS = re.compile(
    r"export declare class \w+ extends cdkt[fn]\.Terraform(?:Resource|DataSource) \{\n(.*?)^\}", re.S | re.M
)
_VALUES = re.compile(r"Possible values: \[([^\]]*)\]")
_GETTER = re.compile(r"^    get (\w+)\(\)", re.MULTILINE)


def main(archives: list[str]) -> None:
    """Write the file."""
    typings = dict(_typings(archives))
    schema = {name: _schema(typings[name]) for name in sorted(used_types())}
    lines = (f"{json.dumps(name)}: {json.dumps(each, sort_keys=True)}" for name, each in schema.items())
    SCHEMA.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def used_types() -> set[str]:
    """The google provider's types in `infra/` and its modules; a data source's begins with `data.`."""
    modules = [read_module(), *(read_module(each) for each in (INFRA / "modules").iterdir())]
    return {name for module in modules for name in _types(module) if "google_" in name}


def _types(module: Configuration) -> Iterator[str]:
    yield from (at.partition(".")[0] for at in module.resources)
    yield from (f"data.{at.partition('.')[0]}" for at in module.data)


def _typings(archives: list[str]) -> Iterator[tuple[str, str]]:
    """Each type's typings; the first archive that has one wins. What is large lies in several files."""
    for archive in reversed(archives):
        found: dict[str, str] = {}
        with tarfile.open(archive) as files:
            for member in files:
                path = re.fullmatch(
                    r"package/lib/(data-)?(?:google-)?([\w-]+)/(?:index|index-structs/structs\d+)\.d\.ts", member.name
                )
                content = files.extractfile(member) if path else None
                if path and content:
                    name = f"{'data.' if path[1] else ''}google_{path[2].replace('-', '_')}"
                    found[name] = found.get(name, "") + content.read().decode()
        yield from found.items()


def _schema(typings: str) -> dict[str, Any]:
    interfaces = {name: (bases or "", body) for name, bases, body in _INTERFACE.findall(typings)}

    def block(name: str) -> dict[str, Any]:
        return {
            _snake(camel, doc): argument(not optional, kind, doc)
            for doc, camel, optional, kind in _MEMBER.findall(interfaces[name][1])
        }

    def argument(required: bool, kind: str, doc: str) -> Any:
        named = re.match(r"\w+", kind)
        if named and named[0] in interfaces:
            return {"required": required, "block": block(named[0]), "many": "[]" in kind}
        values = _VALUES.search(doc)
        allowed = {"values": re.findall(r'"([^"]+)"', values[1])} if values else {}
        return {"required": required, "type": _type(kind), **allowed}

    root = next(name for name, (bases, _) in interfaces.items() if "TerraformMetaArguments" in bases)
    made = _CLASS.search(typings)
    assert made is not None
    gives = {_snake(name, "") for name in _GETTER.findall(made[1]) if not name.endswith("Input")}
    return {"takes": block(root), "gives": sorted(gives)}


def _type(kind: str) -> str:
    if "[]" in kind:
        return "list"
    if "[key: string]" in kind:
        return "map"
    return "bool" if kind.startswith("boolean") else kind.partition(" ")[0]


def _snake(camel: str, doc: str) -> str:
    named = re.search(r"#(\w+) ", doc)
    return named[1] if named else re.sub(r"([A-Z])", lambda upper: f"_{upper[1].lower()}", camel)


if __name__ == "__main__":
    main(sys.argv[1:])
