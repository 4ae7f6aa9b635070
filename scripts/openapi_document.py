"""Print the OpenAPI document of the whole API, as `/openapi.json` serves it, without a server.

.venv/bin/python -m scripts.openapi_document
"""

import json
import tempfile

from functions.edge.asgi.deployables import EDGES, make_edge
from functions.edge.standalone.openapi import merged_document
from functions.farebox.config import read_config
from functions.farebox.wiring.runtime import Runtime


def document_text() -> str:
    """The document as JSON. Nothing is opened for it: a runtime makes what it holds at first use."""
    with tempfile.TemporaryDirectory() as folder:
        runtime = Runtime(read_config({"FAREBOX_STORE": f"sqlite:///{folder}/unused.db"}))
        return json.dumps(merged_document({name: make_edge(name, runtime) for name in EDGES}), indent=1)


if __name__ == "__main__":
    print(document_text())
