"""`POST /v1/messages/count_tokens`: what a message's prompt would come to. It is counted here, asks nobody, and costs
nothing."""

from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from functions.edge.asgi.credentials import api_key
from functions.edge.asgi.light_request import LightRequest
from functions.edge.chat.authentication import authenticate
from functions.edge.chat.bodies import parse_body
from functions.edge.dialects.bodies import CountRequest, check_of
from functions.edge.dialects.translation import refuse_in
from functions.farebox.dialects.messages.dialect import Messages
from functions.farebox.errors import NotFound
from functions.farebox.tokens.counting import count_prompt
from functions.farebox.wiring.runtime import Runtime


class CountTokens:
    """The route."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._dialect = Messages()
        self._check = check_of(CountRequest)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        await refuse_in(self._dialect, self._answer, scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        http = LightRequest(scope, receive)
        plane, caller = await authenticate(self._runtime, api_key(http))
        asked = parse_body(await http.body(), self._check)
        price = next((price for price in await plane.models(caller.models) if price.model == asked["model"]), None)
        if price is None:
            raise NotFound("There is no such model, or this key may not use it.", code="model_not_found", param="model")
        counted = await count_prompt(self._dialect.request(asked), price.model, context_tokens=price.context_tokens)
        await JSONResponse({"input_tokens": counted.tokens})(scope, receive, send)
