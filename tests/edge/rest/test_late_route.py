"""A route is found before it is read, and read once it is asked."""

from typing import Annotated

import pytest
from fastapi import FastAPI, Query
from pydantic import BaseModel

from functions.edge.rest.late_route import LateRoute
from tests.support.clients.asgi import client_of


class Sum(BaseModel):
    total: int


@pytest.fixture
def app() -> FastAPI:
    app = FastAPI()
    app.router.route_class = LateRoute

    @app.post("/sums/{first}", status_code=201)
    async def add(first: int, second: Annotated[int, Query(le=9)] = 1) -> Sum:
        """Add two numbers."""
        return Sum(total=first + second)

    return app


def _is_read(app: FastAPI) -> bool:
    [route] = [route for route in app.routes if isinstance(route, LateRoute)]
    return "dependant" in vars(route)


async def test_it_is_read_by_the_first_call_and_no_other(app: FastAPI) -> None:
    async with client_of(app) as client:
        assert (await client.post("/elsewhere")).status_code == 404
        refused = await client.get("/sums/1")
        assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
        assert not _is_read(app)
        done = await client.post("/sums/1?second=2")
        assert (done.status_code, done.json()) == (201, {"total": 3})
        assert _is_read(app)
        assert (await client.post("/sums/1?second=10")).status_code == 422


def test_a_description_reads_it(app: FastAPI) -> None:
    operation = app.openapi()["paths"]["/sums/{first}"]["post"]
    assert [each["name"] for each in operation["parameters"]] == ["first", "second"]
    assert operation["description"] == "Add two numbers."


def test_what_no_route_has_is_no_attribute(app: FastAPI) -> None:
    [route] = [route for route in app.routes if isinstance(route, LateRoute)]
    assert not hasattr(route, "nothing")
