"""The routes of the data plane that speak other dialects than OpenAI's chat completions."""

from collections.abc import Callable
from typing import Final

from starlette.types import ASGIApp

from functions.edge.dialects.count_tokens import CountTokens
from functions.edge.dialects.translation import Translated
from functions.farebox.dialects.legacy.dialect import Legacy
from functions.farebox.dialects.messages.dialect import Messages
from functions.farebox.dialects.responses.dialect import Responses
from functions.farebox.dialects.responses.recall import Recall
from functions.farebox.request.completions import check_completion
from functions.farebox.request.messages import check_message
from functions.farebox.request.responses import check_response
from functions.farebox.wiring.runtime import Runtime

ROUTES: Final[dict[str, Callable[[Runtime], ASGIApp]]] = {
    "messages": lambda runtime: Translated(runtime, Messages(), check_message),
    "responses": lambda runtime: Translated(
        runtime, Responses(runtime.config.secret_key.derive("response-items")), check_response, Recall()
    ),
    "completions": lambda runtime: Translated(runtime, Legacy(), check_completion),
    "count_tokens": CountTokens,
}
