"""`infra/` as Python values. Literals come as themselves; what Terraform works out comes as its text, in `${...}`."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import hcl2

INFRA = Path(__file__).parents[2] / "infra"
_NOTES = {"__is_block__", "__comments__", "__inline_comments__", "__start_line__", "__end_line__"}

Body = dict[str, Any]


@dataclass(frozen=True)
class Configuration:
    """The blocks of one module. `resources`, `data` and `ephemeral` are by `type.name`."""

    locals: Body = field(default_factory=dict)
    variables: dict[str, Body] = field(default_factory=dict)
    outputs: dict[str, Body] = field(default_factory=dict)
    modules: dict[str, Body] = field(default_factory=dict)
    resources: dict[str, Body] = field(default_factory=dict)
    data: dict[str, Body] = field(default_factory=dict)
    ephemeral: dict[str, Body] = field(default_factory=dict)

    def of_type(self, kind: str) -> dict[str, Body]:
        """The resources of a type, by name."""
        return {at.removeprefix(f"{kind}."): body for at, body in self.resources.items() if at.startswith(f"{kind}.")}


def read_module(directory: Path = INFRA) -> Configuration:
    """Everything in a module's files."""
    return parse(*(file.read_text() for file in sorted(directory.glob("*.tf"))))


def parse(*texts: str) -> Configuration:
    """A module from its files' texts."""
    read = Configuration()
    for text in texts:
        for kind, blocks in deepcopy(_loaded(text)).items():
            for block in blocks:
                _add(read, kind, block)
    return read


def blocks_in(body: Body) -> Iterator[tuple[str, Body]]:
    """The nested blocks of a body by their names, those that a `dynamic` block makes among them."""
    for name, value in body.items():
        if name == "dynamic":
            for made in value:
                yield from ((inner, content["content"][0]) for inner, content in made.items())
        elif isinstance(value, list) and value and all(isinstance(each, Block) for each in value):
            yield from ((name, each) for each in value)


class Block(dict[str, Any]):
    """What was written `name { ... }`, other than a map that was written `name = { ... }`."""


@cache
def _loaded(text: str) -> Body:
    """What a file says, for whoever copies it: to read all of `infra/` takes a second, and a dozen modules ask."""
    loaded: Body = _plain(hcl2.loads(text))
    return loaded


def _add(read: Configuration, kind: str, block: Mapping[str, Any]) -> None:
    if kind == "locals":
        read.locals.update(block)
    elif kind in ("variable", "output", "module"):
        {"variable": read.variables, "output": read.outputs, "module": read.modules}[kind].update(block)
    elif kind in ("resource", "data", "ephemeral"):
        into = {"resource": read.resources, "data": read.data, "ephemeral": read.ephemeral}[kind]
        into.update({f"{type_}.{name}": body for type_, named in block.items() for name, body in named.items()})


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value[1:-1].replace('\\"', '"') if len(value) > 1 and value[0] == value[-1] == '"' else value
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if not isinstance(value, dict):
        return value
    plain = {_plain(name): _plain(each) for name, each in value.items() if name not in _NOTES}
    return Block(plain) if value.get("__is_block__") else plain


def by_type(resources: Mapping[str, Body]) -> dict[str, list[Body]]:
    """Resources by their type."""
    sorted_ = defaultdict(list)
    for at, body in resources.items():
        sorted_[at.partition(".")[0]].append(body)
    return dict(sorted_)
