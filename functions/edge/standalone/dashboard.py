"""The dashboard's files, as `python main.py` serves them from `dashboard/dist`.

Firebase Hosting serves the same files in production; firebase.json repeats the headers, and a test holds
the two to each other.
"""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from functions.edge.asgi.deployables import EDGES
from functions.edge.standalone.page_policy import page_headers
from functions.farebox.accounts.sign_up import CaptchaName

DIST: Final = Path(__file__).resolve().parents[3] / "dashboard" / "dist"

IMMUTABLE: Final = "public, max-age=31536000, immutable"  # the name of a file in assets/ changes with its content
REVALIDATED: Final = "no-cache"

# What a machine's table of media types may lack, or have wrong.
MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
MAX_PATH_CHARS: Final = 200  # no file has a longer one, and a file system refuses names of more than 255 bytes
COMPRESSED: Final = (("br", ".br"), ("gzip", ".gz"))  # beside each file, the better first

# No page of the dashboard lives below these, so that a wrong address of the API stays one.
NOT_PAGES: Final = frozenset(prefix.split("/")[1] for prefixes in EDGES.values() for prefix in prefixes) | {
    "assets",
    "docs",
    "health",
    "healthz",
    "openapi.json",
}

NOT_BUILT: Final = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Farebox</title>
<h1>Farebox is running</h1>
<p>Its API is described at <a href="/docs">/docs</a>. The dashboard is not built yet: with Node.js 20.19 or newer and
npm installed, <code>make run</code> builds it before it serves, and <code>make dashboard</code> builds it alone.</p>
</html>
"""


def dashboard_routes(dist: Path = DIST, captcha: CaptchaName | None = None) -> list[BaseRoute]:
    """Every path that nothing else claims: to be the last of an app's routes. `captcha` is whose widget pages show."""
    return [Mount("/", _Pages(dist, page_headers(captcha)))]


def is_built(dist: Path = DIST) -> bool:
    """Whether there is a dashboard to serve."""
    return (dist / "index.html").is_file()


class _Pages(StaticFiles):
    """Files, and `index.html` wherever a browser asks for a page: which one it is, the script there decides."""

    def __init__(self, dist: Path, headers: Mapping[str, str]) -> None:
        super().__init__(directory=dist, check_dir=False)
        self._dist = dist
        self._headers = headers

    async def check_config(self) -> None:
        """Nothing: the folder may be missing, and may be built while the server runs."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file, a page, or 404. `path` is relative, and `lookup_path` refuses one that leads out of the folder."""
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(404)
        response = self._file(path, scope)
        if response is None and self._is_page(path, scope):
            response = self._file("index.html", scope) if is_built(self._dist) else HTMLResponse(NOT_BUILT)
        if response is None:
            raise HTTPException(404)
        response.headers.update(self._headers)
        response.headers["cache-control"] = IMMUTABLE if path.startswith("assets/") else REVALIDATED
        return response

    def _is_page(self, path: str, scope: Scope) -> bool:
        if path == ".":  # the root, as StaticFiles calls it
            return True
        return path.split("/", maxsplit=1)[0] not in NOT_PAGES and "text/html" in Headers(scope=scope).get("accept", "")

    def _file(self, path: str, scope: Scope) -> Response | None:
        found = self._find(path)
        if found is None:
            return None
        accepted = Headers(scope=scope).get("accept-encoding", "")
        encoding = None
        for name, suffix in COMPRESSED:
            smaller = self._find(path + suffix) if name in accepted else None
            if smaller is not None:
                encoding, found = name, smaller
                break
        response = self.file_response(*found, scope)
        response.headers["vary"] = "accept-encoding"
        if isinstance(response, FileResponse):  # and not "it is what you have"
            response.headers["content-type"] = MEDIA_TYPES.get(Path(path).suffix, "application/octet-stream")
            if encoding is not None:
                response.headers["content-encoding"] = encoding
        return response

    def _find(self, path: str) -> tuple[str, os.stat_result] | None:
        if len(path) > MAX_PATH_CHARS or "\0" in path:
            return None
        full_path, found = self.lookup_path(path)
        return (full_path, found) if found is not None and stat.S_ISREG(found.st_mode) else None
