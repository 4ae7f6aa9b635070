"""A stand-in for Google's metadata server, as `google-auth` asks it for tokens: on a real socket, in a thread."""

import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

EMAIL = "farebox-chat@lab.iam.gserviceaccount.com"


class MetadataServer:
    """Gives tokens `token-1`, `token-2` and so on, which live `lasts_s`; where it `fails`, none. `asked` are the paths
    it was asked for tokens by."""

    def __init__(self, lasts_s: int = 3600) -> None:
        self.lasts_s = lasts_s
        self.fails = False
        self.asked: list[str] = []
        self._numbers = itertools.count(1)
        handler = type("Handler", (_Handler,), {"owner": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    def answer(self, path: str) -> object:
        """What there is at a path, `None` for nothing."""
        where = path.removeprefix("/computeMetadata/v1/").partition("?")[0].replace(EMAIL, "default")
        if where == "instance/service-accounts/default/token":
            self.asked.append(path)
            token = {"access_token": f"token-{next(self._numbers)}", "expires_in": self.lasts_s, "token_type": "Bearer"}
            return None if self.fails else token
        found: dict[str, object] = {
            "/": "computeMetadata/",
            "project/project-id": "lab",
            "universe/universe-domain": "googleapis.com",
            "instance/service-accounts/default/": {"email": EMAIL, "aliases": ["default"], "scopes": []},
            "instance/service-accounts/default/email": EMAIL,
        }
        return found.get(where)

    @contextmanager
    def serving(self, monkeypatch: pytest.MonkeyPatch, home: Path) -> Iterator["MetadataServer"]:
        """Run it, with `google-auth` sent to it and to nobody else."""
        from google.auth.compute_engine import _metadata

        for name in ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("CLOUDSDK_CONFIG", str(home))
        monkeypatch.setenv("GCE_METADATA_HOST", self.host)
        monkeypatch.setenv("GCE_METADATA_IP", self.host)
        monkeypatch.setattr(_metadata, "_GCE_METADATA_HOST", self.host)  # the library reads it once, at import
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    owner: MetadataServer

    def do_GET(self) -> None:
        found = self.owner.answer(self.path) if self.headers["Metadata-Flavor"] == "Google" else None
        body = (found if isinstance(found, str) else json.dumps(found)).encode()
        self.send_response(404 if found is None else 200)
        self.send_header("Metadata-Flavor", "Google")
        self.send_header("Content-Type", "application/text" if isinstance(found, str) else "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep still."""
