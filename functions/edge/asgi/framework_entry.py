"""Serves one deployable under functions-framework: its app is made at the first request, in the running loop."""

import asyncio
import logging
from contextvars import ContextVar
from typing import Any
from weakref import WeakKeyDictionary

from functions_framework.execution_id import ExecutionContext, execution_context_var
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from functions.edge.asgi.app import MAX_MANAGEMENT_BODY_BYTES
from functions.edge.asgi.deployables import make_edge
from functions.edge.asgi.envelope import Envelope
from functions.edge.asgi.errors import internal_error
from functions.edge.asgi.gc_tuning import tune_gc
from functions.edge.asgi.shutdown import Shutdown
from functions.farebox.errors import BadConfig
from functions.farebox.wiring.runtime import process_runtime

log = logging.getLogger("farebox.serving")


class AppResponse(Response):
    """An ASGI app in the form in which functions-framework takes an answer: a response is an ASGI app itself."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__()
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the app answer."""
        await self._app(scope, receive, send)


_called_as: ContextVar[Any] = execution_context_var  # which its module takes for one that holds nothing
_answers: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Response]] = WeakKeyDictionary()


async def serve(target: str) -> Response:
    """What a target's function answers every request with. Raises nothing: functions-framework would write what an
    exception says, and the address that was asked for, into the log.

    Nor does it get to write a client's header there: with `LOG_EXECUTION_ID` it labels each line with the id that
    `function-execution-id` holds, as it came."""
    _called_as.set(ExecutionContext())
    answers = _answers.setdefault(asyncio.get_running_loop(), {})
    if target not in answers:
        try:
            await _start(target, answers)
        except BadConfig as error:
            log.critical("the configuration is wrong: %s", error)
        except Exception as error:
            log.error("unhandled exception: %s could not start", target, exc_info=error)
        if target not in answers:
            return AppResponse(Envelope(internal_error(), max_body_bytes=MAX_MANAGEMENT_BODY_BYTES))
    return answers[target]


async def _start(target: str, answers: dict[str, Response]) -> None:
    runtime = await process_runtime()
    if target in answers:
        return  # another request was first, while the configuration was read
    runtime.config.check_payments()
    shutdown = Shutdown(runtime)
    answers[target] = AppResponse(shutdown.watch(make_edge(target, runtime)))
    shutdown.install()
    tune_gc()
