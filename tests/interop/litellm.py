"""Real LiteLLM proxies, which need no network: their models answer by themselves. `make interop` installs them."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.processes import ROOT, Server, clean_environment, free_port, serving

VENV = ROOT / ".venv-interop"
MASTER_KEY = "sk-master"
READY_TIMEOUT_S = 300.0  # a proxy takes its time to start, on a busy machine much of it


@contextmanager
def running_proxy(folder: Path, config: Mapping[str, Any], **variables: str) -> Iterator[Server]:
    """One, once it is healthy. It finds modules in `folder`."""
    (folder / "litellm.yaml").write_text(json.dumps(config))  # JSON is YAML
    port = free_port()
    address = ("--host", "127.0.0.1", "--port", str(port))
    with serving(
        (str(VENV / "bin/litellm"), "--config", "litellm.yaml", *address),
        folder,
        port,
        {**clean_environment(folder), "LITELLM_LOCAL_MODEL_COST_MAP": "True", **variables},
        program=str(VENV / "bin/python"),
        healthy="/health/liveliness",
        ready_timeout_s=READY_TIMEOUT_S,
    ) as proxy:
        yield proxy
