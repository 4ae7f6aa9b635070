"""One OpenAPI 3.1 document for the whole surface: FastAPI's for the management edges, ours for the others."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp

from functions.edge.rest.app import ErrorAnswer
from functions.edge.rest.bodies.completions import (
    ChatCompletion,
    ChatCompletionChunk,
    CreateChatCompletion,
    CreateCompletion,
    CreateEmbedding,
    EmbeddingList,
    TextCompletion,
)
from functions.edge.rest.bodies.dialects import (
    AnthropicError,
    AnthropicMessage,
    CountPrompt,
    CreateMessage,
    CreateResponse,
    ModelResponse,
    PromptCount,
)
from functions.edge.rest.bodies.models import CurrentCredits, CurrentKey, Model, ModelList
from functions.edge.rest.bodies.receipts import Receipt

VERSION = "0.1.0"
DESCRIPTION = """\
OpenAI's API, paid for from a prepaid wallet. Money is a decimal string of USD in fields that end in `_usd`.
Errors are OpenAI's shape: `{"error": {message, type, param, code}}`; every answer bears `x-request-id`.
"""
REF = "#/components/schemas/{model}"

# Beginning of the path: tag and security of calls that machines make, beyond the data plane.
MACHINES: dict[str, tuple[str, list[dict[str, list[str]]]]] = {
    "/jobs/": ("jobs", [{"admin_key": []}, {"scheduler": []}]),
    "/api/stripe/": ("webhooks", []),
}

Document = dict[str, Any]


def merged_document(edges: Mapping[str, ASGIApp]) -> Document:
    """The document of these edges; those that are FastAPI's tell their own part."""
    paths: Document = _machines(edges)
    schemas: Document = {}
    for document in (_data_plane(), *(_management(app) for app in edges.values() if isinstance(app, FastAPI))):
        for name, schema in document["components"]["schemas"].items():
            assert schemas.setdefault(name, schema) == schema, f"two schemas are called {name}"
        paths.update(document["paths"])
    return {
        "openapi": "3.1.0",
        "info": {"title": "Farebox", "version": VERSION, "description": DESCRIPTION},
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "An API key: fb-live-... (or in x-api-key)"},
                "token": {"type": "http", "scheme": "bearer", "description": "A token from /api/auth/login"},
                "admin_key": {"type": "apiKey", "in": "header", "name": "X-Admin-Key"},
                "billing_key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                "scheduler": {"type": "http", "scheme": "bearer", "description": "The scheduler's OIDC token"},
            },
        },
    }


def _management(app: FastAPI) -> Document:
    """An app's own, with the refusals of each call. Had its routes each told them, each would have made the schema of
    them at its start."""
    document = app.openapi()
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    for operation in operations:
        operation["responses"].pop("422", None)  # FastAPI's own form of a refusal, which is not ours
        operation["responses"] |= {
            "4XX": _refusal(ErrorAnswer, "Client Error"),
            "5XX": _refusal(ErrorAnswer, "Server Error"),
        }
    schemas = document["components"]["schemas"]
    kept = {name: schema for name, schema in schemas.items() if name not in ("HTTPValidationError", "ValidationError")}
    return {**document, "components": {"schemas": kept}}


def _data_plane() -> Document:
    models: list[type[BaseModel]] = [
        CreateChatCompletion,
        ChatCompletion,
        ChatCompletionChunk,
        CreateCompletion,
        TextCompletion,
        CreateEmbedding,
        EmbeddingList,
        CreateMessage,
        AnthropicMessage,
        CountPrompt,
        PromptCount,
        AnthropicError,
        CreateResponse,
        ModelResponse,
        Model,
        ModelList,
        CurrentKey,
        CurrentCredits,
        Receipt,
        ErrorAnswer,
    ]
    _, definitions = models_json_schema([(model, "serialization") for model in models], ref_template=REF)
    return {
        "paths": {
            "/v1/chat/completions": {
                "post": _operation(
                    "create_chat_completion",
                    "Complete a conversation, in one piece or as a stream of events.",
                    ChatCompletion,
                    body=CreateChatCompletion,
                    stream="Events `data: {...}` with a ChatCompletionChunk each, then `data: [DONE]`. A stream that "
                    'broke ends with `data: {"error": ...}` and without `[DONE]`.',
                )
            },
            "/v1/completions": {
                "post": _operation(
                    "create_completion",
                    "Complete a text, as OpenAI's older models did.",
                    TextCompletion,
                    body=CreateCompletion,
                    stream="Events `data: {...}` with a TextCompletion each, then `data: [DONE]`.",
                )
            },
            "/v1/embeddings": {
                "post": _operation("create_embeddings", "Embed texts.", EmbeddingList, body=CreateEmbedding)
            },
            "/v1/messages": {
                "post": _operation(
                    "create_message",
                    "Complete a conversation in Anthropic's dialect. The key may come in x-api-key; errors are "
                    "Anthropic's shape.",
                    AnthropicMessage,
                    refusal=AnthropicError,
                    body=CreateMessage,
                    stream="Anthropic's events, from message_start to message_stop, or to error.",
                )
            },
            "/v1/messages/count_tokens": {
                "post": _operation(
                    "count_tokens",
                    "Count a prompt in Anthropic's dialect. It costs nothing; where the model's vocabulary is not "
                    "published it is an estimate.",
                    PromptCount,
                    refusal=AnthropicError,
                    body=CountPrompt,
                )
            },
            "/v1/responses": {
                "post": _operation(
                    "create_response",
                    "Complete a conversation as a response of OpenAI's, without anything that is stored.",
                    ModelResponse,
                    body=CreateResponse,
                    stream="OpenAI's events, from response.created to response.completed, or to response.failed.",
                )
            },
            "/v1/models": {"get": _operation("list_models", "The models that this key may use.", ModelList)},
            "/v1/models/{model}": {"get": _operation("read_model", "One model.", Model, path_parameter="model")},
            "/v1/key": {
                "get": _operation(
                    "read_current_key", "This key, and what it has spent, as OpenRouter tells it.", CurrentKey
                )
            },
            "/v1/credits": {
                "get": _operation(
                    "read_credits", "What came in and what was spent, as OpenRouter tells it.", CurrentCredits
                )
            },
            "/v1/receipts/{request_id}": {
                "get": _operation(
                    "read_receipt",
                    "What a request was charged, and why.",
                    Receipt,
                    path_parameter="request_id",
                )
            },
        },
        "components": {"schemas": definitions["$defs"]},
    }


def _machines(edges: Mapping[str, ASGIApp]) -> Document:
    """The calls of machines, as the edges' own routes tell them."""
    paths: Document = {}
    routes = [route for app in edges.values() if isinstance(app, Starlette) for route in app.routes]
    for route in routes:
        for prefix, (tag, security) in MACHINES.items():
            if isinstance(route, Route) and route.path.startswith(prefix):
                paths[route.path] = {
                    method.lower(): {
                        "tags": [tag],
                        "operationId": route.name,
                        "summary": f"{route.name.replace('_', ' ').capitalize()}.",
                        "security": security,
                        "responses": {
                            "200": {"description": "What was done", "content": {"application/json": {}}},
                            "4XX": _REFUSAL,
                            "5XX": _REFUSAL,
                        },
                    }
                    for method in route.methods or ()
                }
    return paths


def _operation(
    name: str,
    summary: str,
    answer: type[BaseModel],
    *,
    body: type[BaseModel] | None = None,
    stream: str | None = None,
    path_parameter: str | None = None,
    refusal: type[BaseModel] = ErrorAnswer,
) -> Document:
    content: Document = {"application/json": {"schema": _ref(answer)}}
    if stream is not None:
        content["text/event-stream"] = {"schema": {"type": "string", "description": stream}}
    operation: Document = {
        "tags": ["data plane"],
        "operationId": name,
        "summary": summary,
        "security": [{"key": []}],
        "responses": {
            "200": {"description": "The answer", "content": content},
            "4XX": _refusal(refusal),
            "5XX": _refusal(refusal),
        },
    }
    if body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": _ref(body)}}}
    if path_parameter is not None:
        operation["parameters"] = [
            {"name": path_parameter, "in": "path", "required": True, "schema": {"type": "string"}}
        ]
    return operation


def _ref(model: type[BaseModel]) -> Document:
    return {"$ref": REF.format(model=model.__name__)}


def _refusal(answer: type[BaseModel], description: str = "A refusal") -> Document:
    return {"description": description, "content": {"application/json": {"schema": _ref(answer)}}}


_REFUSAL = _refusal(ErrorAnswer)
