"""Edge `scheduled`: the jobs that Cloud Scheduler calls. Each is safe to run twice, late, or at once with itself."""

from dataclasses import asdict

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from functions.edge.app import edge_app
from functions.edge.machines import admit_scheduler
from functions.farebox.runtime import Runtime
from functions.farebox.sweep import sweep


def make_app(runtime: Runtime) -> Starlette:
    """The edge's app."""

    async def sweep_leases(request: Request) -> Response:
        await admit_scheduler(request, runtime.config)
        return JSONResponse(asdict(await sweep(await runtime.store(), runtime.now())))

    async def check_upstreams(request: Request) -> Response:
        await admit_scheduler(request, runtime.config)
        return JSONResponse({"upstreams": [asdict(checked) for checked in await runtime.check_upstreams()]})

    jobs = [
        Route("/jobs/sweep-leases", sweep_leases, methods=["POST"]),
        Route("/jobs/check-upstreams", check_upstreams, methods=["POST"]),
    ]
    return edge_app(runtime, jobs)
