"""`POST /v1/messages/count_tokens`: what a message's prompt would come to. It is counted here, asks nobody, and costs
nothing."""

from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from functions.edge.asgi.credentials import api_key
from functions.edge.asgi.light_request import LightRequest
from functions.edge.chat.authentication import authenticate_payer
from functions.edge.dialects.translation import own_form, refuse_in
from functions.farebox.dialects.messages.dialect import Messages
from functions.farebox.gateway.speech.forms import Forms
from functions.farebox.request.chat import check_chat
from functions.farebox.request.counting import count_prompt
from functions.farebox.request.json_body import parse_body
from functions.farebox.request.messages import check_prompt
from functions.farebox.wiring.runtime import Runtime


class CountTokens:
    """The route."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._dialect = Messages()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        await refuse_in(self._dialect, self._answer, scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        http = LightRequest(scope, receive)
        plane, caller = await authenticate_payer(self._runtime, http, api_key(http))
        told = check_prompt(await parse_body(await http.body()))
        price = await plane.model(caller.models, told.model)
        own = own_form(told, self._dialect, check_prompt)
        forms = Forms(own, lambda: check_chat(self._dialect.request(told.body())))
        sent = forms.settle(plane.gateway.speakers(told.model))
        counted = await count_prompt(sent, price.model, context_tokens=price.context_tokens)
        await JSONResponse({"input_tokens": counted.tokens})(scope, receive, send)
