"""The Firestore engine: what production runs on.

Requests go through the client that Google generates from the protocol. The `AsyncClient` built on it lacks what an
optimistic transaction needs (a whole document written over a version, a check without a write) and is slower.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import grpc.aio
from google.api_core import exceptions
from google.api_core.retry import AsyncRetry, if_exception_type
from google.cloud.firestore_v1 import types
from google.cloud.firestore_v1.services.firestore import FirestoreAsyncClient
from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcAsyncIOTransport as Transport

from functions.farebox.storage.checks import can_exist, check_aggregate, check_query, check_writes, split_path
from functions.farebox.storage.firestore.queries import encode_count, encode_query, encode_sum, parent_of
from functions.farebox.storage.firestore.values import decode, decode_document, version_of
from functions.farebox.storage.firestore.writes import encode_write
from functions.farebox.storage.model import (
    AlreadyExists,
    Check,
    Contended,
    Create,
    Document,
    Missing,
    Query,
    Unreachable,
    Update,
    Write,
)

TIMEOUT_S = 10.0  # of each request; a read that failed sooner is repeated within it

_CHANNEL_OPTIONS = [("grpc.keepalive_time_ms", 30_000), ("grpc.max_receive_message_length", -1)]
_PASSING = (exceptions.InternalServerError, exceptions.ServiceUnavailable)
_UNANSWERED = (
    *_PASSING,
    exceptions.Cancelled,
    exceptions.DeadlineExceeded,
    exceptions.ResourceExhausted,
    exceptions.RetryError,
    exceptions.Unknown,
)
_REFUSED = (
    exceptions.Aborted,
    exceptions.AlreadyExists,
    exceptions.FailedPrecondition,
    exceptions.NotFound,
)
_READ_RETRY = AsyncRetry(predicate=if_exception_type(*_PASSING), initial=0.05, maximum=1.0, timeout=TIMEOUT_S)


class FirestoreEngine:
    """An `Engine` over one database of a Google Cloud project, or over the emulator at `FIRESTORE_EMULATOR_HOST`.

    Nothing is opened before the first use, and from then on the engine belongs to the event loop of that use.
    What is the operator's to mend (a missing permission, database or index) is raised as Google's own exception.
    """

    def __init__(self, project: str, database: str = "(default)") -> None:
        self._database = f"projects/{project}/databases/{database}"
        self._root = f"{self._database}/documents/"
        self._metadata = [("google-cloud-resource-prefix", self._database)]
        self._opened: FirestoreAsyncClient | None = None
        self._closed = False

    async def read(self, paths: Sequence[str]) -> list[Document | None]:
        """One request; what it read first had not changed when it read the last."""
        for path in paths:
            split_path(path)
        names = [self._root + path for path in dict.fromkeys(paths) if can_exist(path)]
        if not names:
            return [None] * len(paths)
        request = types.BatchGetDocumentsRequest(database=self._database, documents=names)
        found = {
            document.path: document
            for response in await self._stream(self._client().batch_get_documents, request)
            if response.HasField("found")
            for document in [decode_document(response.found, self._root)]
        }
        return [found.get(path) for path in paths]

    async def query(self, query: Query) -> list[Document]:
        """The documents that a query finds."""
        check_query(query)
        request = types.RunQueryRequest(parent=parent_of(query, self._root))
        types.RunQueryRequest.pb(request).structured_query.CopyFrom(encode_query(query, self._root))
        return [
            decode_document(response.document, self._root)
            for response in await self._stream(self._client().run_query, request)
            if response.HasField("document")
        ]

    async def aggregate(self, query: Query, sums: Sequence[str] = ()) -> dict[str, int]:
        """One request for the count, then one for each sum as of the same moment.

        LightRequest together, the documents that lack any of the fields would be left out of all.
        """
        check_aggregate(query, sums)
        counted = await self._aggregate(query, encode_count(query))
        added = await asyncio.gather(
            *(self._aggregate(query, encode_sum(query, field), counted.read_time) for field in sums)
        )
        return {
            name: int(decode(response.result.aggregate_fields["total"]))
            for name, response in zip(("count", *sums), (counted, *added), strict=True)
        }

    async def commit(self, writes: Sequence[Write]) -> list[str | None]:
        """One request, sent once: whoever asked knows what a second one would mean."""
        check_writes(writes)
        if not writes:
            return []
        request = types.CommitRequest(database=self._database)
        types.CommitRequest.pb(request).writes.extend(encode_write(write, self._root) for write in writes)
        try:
            response = await self._client().commit(
                request=request, retry=None, timeout=TIMEOUT_S, metadata=self._metadata
            )
        except _UNANSWERED as error:
            raise Unreachable(str(error)) from error
        except _REFUSED as error:
            raise await self._refusal(writes, error) from error
        results = types.CommitResponse.pb(response).write_results
        return [
            version_of(result.update_time) if result.HasField("update_time") and not isinstance(write, Check) else None
            for write, result in zip(writes, results, strict=True)
        ]

    async def close(self) -> None:
        """Let go of the connection. The engine cannot be used again."""
        self._closed = True
        if self._opened is not None:
            await self._opened.transport.close()  # type: ignore[no-untyped-call]

    async def _refusal(self, writes: Sequence[Write], error: exceptions.GoogleAPICallError) -> Exception:
        """Why a commit was refused.

        The status does not say which write it is about: "already exists" may be a `Create` or a `Check`, and "not
        found" an `Update` or a version of a document that is gone. Looking tells.
        """
        if isinstance(error, exceptions.Aborted | exceptions.FailedPrecondition):
            return Contended(error.message)
        created = [write.path for write in writes if isinstance(write, Create)]
        updated = [write.path for write in writes if isinstance(write, Update) and write.if_version is None]
        found = await self.read([*created, *updated])
        for path, document in zip(created, found, strict=False):
            if document is not None:
                return AlreadyExists(path)
        for path, document in zip(updated, found[len(created) :], strict=True):
            if document is None:
                return Missing(path)
        return Contended(error.message)

    async def _aggregate(self, query: Query, aggregation: Any, read_time: Any = None) -> Any:
        request = types.RunAggregationQueryRequest(parent=parent_of(query, self._root), read_time=read_time)
        types.RunAggregationQueryRequest.pb(request).structured_aggregation_query.CopyFrom(aggregation)
        [response] = await self._stream(self._client().run_aggregation_query, request)
        return response

    async def _stream(self, call: Callable[..., Awaitable[Any]], request: Any) -> list[Any]:
        """All responses of a request that only reads, and may therefore be sent again."""

        async def attempt() -> list[Any]:
            responses = await call(request=request, retry=None, timeout=TIMEOUT_S, metadata=self._metadata)
            return [type(response).pb(response) async for response in responses]

        try:
            return await _READ_RETRY(attempt)()
        except _UNANSWERED as error:
            raise Unreachable(str(error)) from error

    def _client(self) -> FirestoreAsyncClient:
        if self._closed:
            raise RuntimeError("the database was closed")
        if self._opened is None:
            emulator = os.environ.get("FIRESTORE_EMULATOR_HOST")
            if emulator:
                channel = grpc.aio.insecure_channel(emulator, options=_CHANNEL_OPTIONS)
                self._metadata.append(("authorization", "Bearer owner"))  # past the security rules
            else:
                channel = Transport.create_channel(options=_CHANNEL_OPTIONS)
            self._opened = FirestoreAsyncClient(transport=Transport(channel=channel))
        return self._opened
