"""A stand-in for the APIs that firebase-tools deploys a site by: it has one site, wants every file that it is told of,
and remembers what became of them. https://firebase.google.com/docs/hosting/api-deploy"""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PROJECT = SITE = "demo-farebox"  # a project's first site has its name


class HostingStandIn:
    """`files` are the paths of the version that was finalised, with what was uploaded for each; `config` is how it is
    served; `released` says whether it is what the site shows."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.config: dict[str, Any] = {}
        self.released = False
        self._hashes: dict[str, str] = {}
        self._uploaded: dict[str, bytes] = {}

    @property
    def environment(self) -> dict[str, str]:
        """What leads firebase-tools here."""
        return {
            **{f"FIREBASE_{name}_URL": self.url for name in ("API", "HOSTING_API", "SERVICE_USAGE", "TOKEN")},
            "FIREBASE_RESOURCEMANAGER_URL": self.url,
            "FIREBASE_TOKEN": "a token",
        }

    url: str

    def answer(self, method: str, path: str, body: bytes) -> object:
        """What there is at a path."""
        if path.startswith("/upload/"):
            self._uploaded[path.removeprefix("/upload/")] = gzip.decompress(body)
            return {}
        told = json.loads(body) if body else {}
        match method, path.rpartition("/")[2].partition("?")[0]:
            case "GET", "sites":
                return {"sites": [{"name": f"projects/{PROJECT}/sites/{SITE}", "type": "DEFAULT_SITE"}]}
            case "POST", "versions":
                return {"name": f"projects/{PROJECT}/sites/{SITE}/versions/1", "status": "CREATED"}
            case "POST", populate if populate.endswith(":populateFiles"):
                self._hashes |= told["files"]
                return {"uploadRequiredHashes": sorted(told["files"].values()), "uploadUrl": f"{self.url}/upload"}
            case "PATCH", _:
                self.config = told.get("config", {})
                self.files = {name: self._uploaded[hash_] for name, hash_ in self._hashes.items()}
                return {"status": "FINALIZED"}
            case "POST", "releases":
                self.released = True
        return {"state": "ENABLED"}


@contextmanager
def running_hosting() -> Iterator[HostingStandIn]:
    """One on a free port."""
    stand_in = HostingStandIn()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0)) or self._chunks()
            answer = json.dumps(stand_in.answer(self.command, self.path, body)).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_PATCH = do_GET

        def _chunks(self) -> bytes:
            if self.headers.get("transfer-encoding") != "chunked":
                return b""
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        stand_in.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield stand_in
        server.shutdown()
