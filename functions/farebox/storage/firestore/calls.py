"""Calls of Firestore's gRPC API, version 1, over one channel: the four that the engine makes.

https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1
"""

import asyncio
import os
import random
import re
from collections.abc import AsyncGenerator
from typing import TypeVar
from urllib.parse import quote

import grpc.aio
from google.protobuf.message import Message

from functions.farebox.storage.firestore.protocol import firestore_pb2 as protocol
from functions.farebox.storage.model import Refused, Unreachable

TIMEOUT_S = 10.0  # of each request; a read that failed sooner is repeated within it
STREAM_TIMEOUT_S = 600.0  # of one whose answer is a whole collection, read as it comes
FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 1.0

HOST = "firestore.googleapis.com"
SCOPES = ("https://www.googleapis.com/auth/cloud-platform", "https://www.googleapis.com/auth/datastore")

_SERVICE = "/google.firestore.v1.Firestore"
_CHANNEL_OPTIONS = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]
# An emulator takes three pings without an answer in between for an attack, and ends the connection.
_OPTIONS_AT_GOOGLE = [*_CHANNEL_OPTIONS, ("grpc.keepalive_time_ms", 30_000)]
_PASSING = frozenset({grpc.StatusCode.INTERNAL, grpc.StatusCode.UNAVAILABLE})
_UNANSWERED = _PASSING | {
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.UNKNOWN,
}
_REFUSED = frozenset(
    {
        grpc.StatusCode.ABORTED,
        grpc.StatusCode.ALREADY_EXISTS,
        grpc.StatusCode.FAILED_PRECONDITION,
        grpc.StatusCode.NOT_FOUND,
    }
)

_TURNED_AWAY = frozenset(  # of a read, or where no precondition of a commit is to blame
    {
        grpc.StatusCode.FAILED_PRECONDITION,  # there is no index for a query
        grpc.StatusCode.NOT_FOUND,  # nor such a database
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.UNAUTHENTICATED,
    }
)

NO_CREDENTIALS = (
    "there are no credentials for Google Cloud here: run `gcloud auth application-default login`, or set "
    "FIRESTORE_EMULATOR_HOST to an emulator's address"
)
_TOO_LARGE = re.compile("message (larger than max|exceeds maximum size)", re.IGNORECASE)  # gRPC's servers, Java's last

Request = TypeVar("Request", bound=Message)
Response = TypeVar("Response", bound=Message)

_Metadata = tuple[tuple[str, str], ...]


class Calls:
    """The calls, of one database. Made in the event loop that they belong to from then on."""

    def __init__(self, database: str) -> None:
        self._channel, authorization = _open_channel()
        self._metadata: _Metadata = (("google-cloud-resource-prefix", database), *authorization)
        self._of_database = (*self._metadata, _routing("database", database))
        self._commit = self._channel.unary_unary(
            f"{_SERVICE}/Commit",
            request_serializer=protocol.CommitRequest.SerializeToString,
            response_deserializer=protocol.CommitResponse.FromString,
        )
        self._batch_get_documents = self._channel.unary_stream(
            f"{_SERVICE}/BatchGetDocuments",
            request_serializer=protocol.BatchGetDocumentsRequest.SerializeToString,
            response_deserializer=protocol.BatchGetDocumentsResponse.FromString,
        )
        self._run_query = self._channel.unary_stream(
            f"{_SERVICE}/RunQuery",
            request_serializer=protocol.RunQueryRequest.SerializeToString,
            response_deserializer=protocol.RunQueryResponse.FromString,
        )
        self._run_aggregation_query = self._channel.unary_stream(
            f"{_SERVICE}/RunAggregationQuery",
            request_serializer=protocol.RunAggregationQueryRequest.SerializeToString,
            response_deserializer=protocol.RunAggregationQueryResponse.FromString,
        )

    async def commit(self, request: protocol.CommitRequest) -> protocol.CommitResponse:
        """Sent once. Raises `grpc.aio.AioRpcError`."""
        return await self._commit(request, timeout=TIMEOUT_S, metadata=self._of_database)

    async def batch_get_documents(
        self, request: protocol.BatchGetDocumentsRequest
    ) -> list[protocol.BatchGetDocumentsResponse]:
        """Raises `Unreachable`, `Refused`, or Google's exception."""
        return await _collect(self._batch_get_documents, request, self._of_database)

    async def run_query(self, request: protocol.RunQueryRequest) -> list[protocol.RunQueryResponse]:
        """Raises as `batch_get_documents`."""
        return await _collect(self._run_query, request, (*self._metadata, _routing("parent", request.parent)))

    async def stream_query(self, request: protocol.RunQueryRequest) -> AsyncGenerator[protocol.RunQueryResponse]:
        """The same as they come, sent once. Raises likewise, and `Unreachable` also where it breaks off."""
        metadata = (*self._metadata, _routing("parent", request.parent))
        call = self._run_query(request, timeout=STREAM_TIMEOUT_S, metadata=metadata)
        try:
            async for response in call:
                yield response
        except grpc.aio.AioRpcError as error:
            raise _failed(error) from error
        finally:
            call.cancel()

    async def run_aggregation_query(
        self, request: protocol.RunAggregationQueryRequest
    ) -> list[protocol.RunAggregationQueryResponse]:
        """Raises as `batch_get_documents`."""
        metadata = (*self._metadata, _routing("parent", request.parent))
        return await _collect(self._run_aggregation_query, request, metadata)

    async def close(self) -> None:
        """Close the channel."""
        await self._channel.close()


def is_unanswered(error: grpc.aio.AioRpcError) -> bool:
    """Whether it is not known what was done. A request that was too large was not read, so nothing was; a quota that is
    used up has the same status, and says nothing of the kind."""
    if error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED and _TOO_LARGE.search(error.details() or ""):
        return False
    return error.code() in _UNANSWERED


def is_refusal(error: grpc.aio.AioRpcError) -> bool:
    """Whether a precondition of a commit did not hold."""
    return error.code() in _REFUSED


def named(error: grpc.aio.AioRpcError) -> Exception:
    """`Refused` for what is the operator's to mend, else Google's own exception for a status."""
    if error.code() in _TURNED_AWAY:
        return Refused(f"{error.code().name}: {error.details()}")
    from google.api_core.exceptions import from_grpc_error

    exception: Exception = from_grpc_error(error)
    return exception


def _open_channel() -> tuple[grpc.aio.Channel, _Metadata]:
    """The channel, and what the calls over it are to be authorised by beside its own credentials. Raises `Unreachable`
    where there are none."""
    emulator = os.environ.get("FIRESTORE_EMULATOR_HOST")
    if emulator:
        past_the_rules = (("authorization", "Bearer owner"),)
        return grpc.aio.insecure_channel(emulator, options=_CHANNEL_OPTIONS), past_the_rules
    from google.api_core.grpc_helpers_async import create_channel  # with the credentials of the environment
    from google.auth.exceptions import DefaultCredentialsError

    try:
        channel: grpc.aio.Channel = create_channel(
            f"{HOST}:443", default_scopes=SCOPES, default_host=HOST, options=_OPTIONS_AT_GOOGLE
        )
    except DefaultCredentialsError as error:
        raise Unreachable(NO_CREDENTIALS) from error
    return channel, ()


def _routing(field: str, value: str) -> tuple[str, str]:
    """Says in a header what a request is about, for whoever passes it on (https://google.aip.dev/4222)."""
    return "x-goog-request-params", f"{field}={quote(value, safe='')}"


def _failed(error: grpc.aio.AioRpcError) -> Exception:
    """What a read that failed is to be called."""
    return Unreachable(str(error.details())) if is_unanswered(error) else named(error)


async def _collect(
    call: grpc.aio.UnaryStreamMultiCallable[Request, Response], request: Request, metadata: _Metadata
) -> list[Response]:
    """All responses of a request that only reads, and may therefore be sent again."""
    clock = asyncio.get_running_loop().time
    give_up_s = clock() + TIMEOUT_S
    pause_s = FIRST_PAUSE_S
    while True:
        try:
            return [response async for response in call(request, timeout=TIMEOUT_S, metadata=metadata)]
        except grpc.aio.AioRpcError as error:
            pause_s = random.uniform(pause_s / 2, pause_s)
            if error.code() not in _PASSING or clock() + pause_s > give_up_s:
                raise _failed(error) from error
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
