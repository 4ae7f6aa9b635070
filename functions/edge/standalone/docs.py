"""`/docs`: the whole API in a browser, with nothing from another server. `/openapi.json` is what it shows.

Swagger UI's files come from the package fastapi-offline, which is looked up and not imported.
"""

from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

ASSETS = "/docs/assets"


def docs_routes(edges: Mapping[str, ASGIApp]) -> list[BaseRoute]:
    """The pages that describe these edges."""

    @cache  # made, and FastAPI imported, when somebody looks
    def document() -> dict[str, Any]:
        from functions.edge.standalone.openapi import merged_document

        return merged_document(edges)

    @cache
    def page() -> Response:
        from fastapi.openapi.docs import get_swagger_ui_html

        return get_swagger_ui_html(
            openapi_url="/openapi.json",
            title="Farebox API",
            swagger_js_url=f"{ASSETS}/swagger-ui-bundle.js",
            swagger_css_url=f"{ASSETS}/swagger-ui.css",
            swagger_favicon_url=f"{ASSETS}/favicon.png",
            swagger_ui_parameters={"defaultModelsExpandDepth": 0, "persistAuthorization": False},
        )

    async def show_page(_request: Request) -> Response:
        return page()

    async def show_document(_request: Request) -> Response:
        return JSONResponse(document())

    return [
        Route("/docs", show_page, methods=["GET"]),
        Route("/openapi.json", show_document, methods=["GET"]),
        Mount(ASSETS, StaticFiles(directory=_asset_folder())),
    ]


def _asset_folder() -> Path:
    spec = find_spec("fastapi_offline")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "static"
