"""The Firestore engine: what production runs on.

It calls Firestore's protocol by gRPC itself (`calls.py`). Google's `AsyncClient` lacks what an optimistic transaction
needs (a whole document written over a version, a check without a write), and the client below it takes as long again
for a call as the call.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

import grpc.aio

from functions.farebox.storage.checks import can_exist, check_aggregate, check_query, check_writes, split_path
from functions.farebox.storage.commit_queue import QueuedCommit
from functions.farebox.storage.firestore.calls import Calls, is_refusal, is_unanswered, named
from functions.farebox.storage.firestore.group_commit import GroupSender
from functions.farebox.storage.firestore.protocol import firestore_pb2 as protocol
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

STREAM_PAGE = 100_000  # documents of one request, which is answered within its time, and is all that an emulator keeps
STREAM_TRIES = 10  # in a row from which nothing comes: some three minutes, for what reads takes hours
STREAM_PAUSE_S = 0.5  # before the second of them; twice as long before each that follows
LONGEST_PAUSE_S = 60.0


class FirestoreEngine:
    """An `Engine` over one database of a Google Cloud project, or over the emulator at `FIRESTORE_EMULATOR_HOST`.

    Nothing is opened before the first use, and from then on the engine belongs to the event loop of that use.
    What is the operator's to mend (a missing permission, database or index) is raised as `Refused`.
    """

    def __init__(self, project: str, database: str = "(default)") -> None:
        self._database = f"projects/{project}/databases/{database}"
        self._root = f"{self._database}/documents/"
        self._opened: tuple[Calls, GroupSender] | None = None
        self._closed = False

    async def read(self, paths: Sequence[str]) -> list[Document | None]:
        """One request; what it read first had not changed when it read the last."""
        for path in paths:
            split_path(path)
        calls, _ = self._open()
        return await self._read(calls, paths)

    async def _read(self, calls: Calls, paths: Sequence[str]) -> list[Document | None]:
        names = [self._root + path for path in dict.fromkeys(paths) if can_exist(path)]
        if not names:
            return [None] * len(paths)
        request = protocol.BatchGetDocumentsRequest(database=self._database, documents=names)
        found = {
            document.path: document
            for response in await calls.batch_get_documents(request)
            if response.HasField("found")
            for document in [decode_document(response.found, self._root)]
        }
        return [found.get(path) for path in paths]

    async def query(self, query: Query) -> list[Document]:
        """The documents that a query finds."""
        check_query(query)
        calls, _ = self._open()
        parent = parent_of(query, self._root)
        request = protocol.RunQueryRequest(parent=parent, structured_query=encode_query(query, self._root))
        return [
            decode_document(response.document, self._root)
            for response in await calls.run_query(request)
            if response.HasField("document")
        ]

    async def stream(self, query: Query) -> AsyncGenerator[Document]:
        """All that a query finds, read as it comes: of few large requests, each from behind what has come; one that
        breaks off is gone on with by the next. The query's own `limit` is not looked at."""
        check_query(query)
        tries = 0
        while tries < STREAM_TRIES:
            calls, _ = self._open()
            encoded = encode_query(query, self._root)
            encoded.limit.value = STREAM_PAGE
            request = protocol.RunQueryRequest(parent=parent_of(query, self._root), structured_query=encoded)
            last: Document | None = None
            came = 0
            try:
                async with aclosing(calls.stream_query(request)) as responses:
                    async for response in responses:
                        if response.HasField("document"):
                            last = decode_document(response.document, self._root)
                            came += 1
                            yield last
                if came < STREAM_PAGE:
                    return
                tries = 0
            except Unreachable:
                tries = 1 if last is not None else tries + 1
                if tries == STREAM_TRIES:
                    raise
                await asyncio.sleep(min(STREAM_PAUSE_S * 2 ** (tries - 1), LONGEST_PAUSE_S))
            if last is not None:
                query = replace(query, after=query.position_of(last))

    async def aggregate(self, query: Query, sums: Sequence[str] = ()) -> dict[str, int]:
        """One request for the count, then one for each sum as of the same moment.

        Asked for together, the documents that lack any of the fields would be left out of all.
        """
        check_aggregate(query, sums)
        parent = parent_of(query, self._root)
        counted = await self._aggregate(
            protocol.RunAggregationQueryRequest(parent=parent, structured_aggregation_query=encode_count(query))
        )
        added = await asyncio.gather(
            *(
                self._aggregate(
                    protocol.RunAggregationQueryRequest(
                        parent=parent,
                        structured_aggregation_query=encode_sum(query, field),
                        read_time=counted.read_time,
                    )
                )
                for field in sums
            )
        )
        return {
            name: int(decode(response.result.aggregate_fields["total"]))
            for name, response in zip(("count", *sums), (counted, *added), strict=True)
        }

    async def commit(self, writes: Sequence[Write]) -> list[str | None]:
        """One request, sent once: whoever asked knows what a second one would mean."""
        check_writes(writes)
        self._open()
        return await self._commit(writes) if writes else []

    def queue(self, writes: Sequence[Write]) -> QueuedCommit:
        """The same, awaited later, amended until it leaves, and sent together with others that are queued. For writes
        that others seldom contend for: where one of a group is refused, all are sent once more."""
        _, group = self._open()
        return group.add(writes)

    async def close(self) -> None:
        """Finish what is queued, then let go of the connection. The engine cannot be used again."""
        self._closed = True
        if self._opened is not None:
            calls, group = self._opened
            try:
                await group.close()
            finally:
                await calls.close()

    async def _commit(self, writes: Sequence[Write]) -> list[str | None]:
        assert self._opened is not None, "what is queued was opened for"
        calls, _ = self._opened
        request = protocol.CommitRequest(database=self._database)
        for write in writes:
            encode_write(write, self._root, request.writes.add())
        try:
            response = await calls.commit(request)
        except grpc.aio.AioRpcError as error:
            if is_unanswered(error):
                raise Unreachable(str(error.details())) from error
            if is_refusal(error):
                raise await self._refusal(calls, writes, error) from error
            raise named(error) from error
        return [
            version_of(result.update_time) if result.HasField("update_time") and not isinstance(write, Check) else None
            for write, result in zip(writes, response.write_results, strict=True)
        ]

    async def _refusal(self, calls: Calls, writes: Sequence[Write], error: grpc.aio.AioRpcError) -> Exception:
        """Why a commit was refused, which may be the last thing that is finished before the engine is closed.

        The status does not say which write it is about: "already exists" may be a `Create` or a `Check`, and "not
        found" an `Update` or a version of a document that is gone. Looking tells.
        """
        why = str(error.details())
        if error.code() in (grpc.StatusCode.ABORTED, grpc.StatusCode.FAILED_PRECONDITION):
            return Contended(why)
        created = [write.path for write in writes if isinstance(write, Create)]
        updated = [write.path for write in writes if isinstance(write, Update) and write.if_version is None]
        found = await self._read(calls, [*created, *updated])
        for path, document in zip(created, found, strict=False):
            if document is not None:
                return AlreadyExists(path)
        for path, document in zip(updated, found[len(created) :], strict=True):
            if document is None:
                return Missing(path)
        return Contended(why)

    async def _aggregate(self, request: protocol.RunAggregationQueryRequest) -> protocol.RunAggregationQueryResponse:
        calls, _ = self._open()
        [response] = await calls.run_aggregation_query(request)
        return response

    def _open(self) -> tuple[Calls, GroupSender]:
        if self._closed:
            raise RuntimeError("the database was closed")
        if self._opened is None:
            self._opened = Calls(self._database), GroupSender(self._commit)
        return self._opened
