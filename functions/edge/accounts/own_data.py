"""Routes of one's own data: all of it in one file, and its end."""

from collections.abc import AsyncIterator

import orjson
from fastapi import FastAPI
from starlette.responses import Response, StreamingResponse

from functions.edge.accounts.answers import Done
from functions.edge.rest.app import SignedIn, Wired
from functions.farebox.admin.personal_data import personal_data
from functions.farebox.identity.factors.second_factors import require_recent
from functions.farebox.storage import Data


def add_own_data(app: FastAPI) -> None:
    """Have an app answer these calls."""
    app.get("/api/auth/export", tags=["accounts"], response_class=StreamingResponse)(export_own_data)
    app.delete("/api/auth/me", tags=["accounts"])(erase_account)


async def export_own_data(person: SignedIn, runtime: Wired) -> Response:
    """All that is kept of one, as a file with a JSON object a line: `{"collection", "document"}`. Amounts are whole
    nano-USD. A fault cuts it off before its last line, which is `{"complete": true}`."""
    require_recent(person, runtime.now())
    headers = {"content-disposition": 'attachment; filename="farebox-export.jsonl"'}
    documents = personal_data(await runtime.store(), person.uid)
    return StreamingResponse(_lines(documents), media_type="application/x-ndjson", headers=headers)


async def erase_account(person: SignedIn, runtime: Wired) -> Done:
    """Erase one's account, for good: keys stop and plans end at once, everything personal goes, and the ledger stays
    under an id that names nobody."""
    require_recent(person, runtime.now())
    await (await runtime.erasure()).erase(person.uid)
    return Done(message="Your account is erased.")


async def _lines(documents: AsyncIterator[tuple[str, Data]]) -> AsyncIterator[bytes]:
    async for collection, document in documents:
        line = {"collection": collection, "document": document}
        yield orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z)
    yield b'{"complete":true}\n'
