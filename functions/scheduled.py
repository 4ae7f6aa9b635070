"""Edge `scheduled`: the jobs that Cloud Scheduler calls, each at `POST /jobs/{name}`."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from functions.edge.asgi.app import edge_app
from functions.edge.asgi.machine_auth import admit_scheduler
from functions.farebox.jobs.schedule import JOBS, run_job
from functions.farebox.wiring.runtime import Runtime


def make_app(runtime: Runtime) -> Starlette:
    """The edge's app."""
    return edge_app(runtime, [_route(name, runtime) for name in JOBS])


def _route(name: str, runtime: Runtime) -> Route:
    async def run(request: Request) -> Response:
        await admit_scheduler(request, runtime.config)
        return JSONResponse(await run_job(name, runtime))

    return Route(f"/jobs/{name}", run, methods=["POST"], name=name.replace("-", "_"))
