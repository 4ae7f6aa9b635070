"""Redemption codes: credit for whoever has the code, so many times in all, once a user, until some time.

`codes/{code}` counts the uses. A redemption is a ledger entry named by the code, in the transaction that counts it, so
a user who redeems twice is told of the first time. Guessing is bounded: a code has 80 random bits unless an operator
chose it, and a user has ten tries an hour.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from functions.farebox.admin.audit_trail import AdminCommand, AuditEntry, AuditTrail, Change
from functions.farebox.billing.payer import Payer, billing_path
from functions.farebox.errors import Conflict, InvalidRequest, NotFound
from functions.farebox.kit.ids import Ids
from functions.farebox.ledger.book import Book
from functions.farebox.ledger.wallet import Entry, Posting, entry_path
from functions.farebox.limits.throttle import Allowance, Attempts
from functions.farebox.storage import Data, Query, Store, Transaction
from functions.farebox.storage.pages import Page, read_page

FORM = r"^[A-Za-z0-9-]{6,40}$"
TRIES = Allowance("redeem", tries=10, window=timedelta(hours=1))
MOST_REDEEMED = 1_000  # by one person
RANDOM_CHARS = 16  # of base 32
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that is taken for another


@dataclass(frozen=True, slots=True)
class Code:
    """A code. `amount` in nano-USD for each of at most `most_uses`."""

    code: str
    amount: int
    most_uses: int
    uses: int
    note: str
    expires_at: datetime | None
    created_at: datetime

    @classmethod
    def from_data(cls, code: str, data: Mapping[str, Any]) -> "Code":
        """From storage."""
        return cls(code=code, **data)

    def to_data(self) -> Data:
        """For storage; the code is the document's id."""
        return {name: value for name, value in asdict(self).items() if name != "code"}

    def is_good(self, now: datetime) -> bool:
        """Whether it may be redeemed."""
        return self.uses < self.most_uses and (self.expires_at is None or now < self.expires_at)


class Codes:
    """All codes."""

    def __init__(self, store: Store, *, now: Callable[[], datetime], ids: Ids) -> None:
        self._store = store
        self._now = now
        self._ids = ids

    async def create(
        self,
        log: AuditTrail,
        order: AdminCommand,
        *,
        code: str | None,
        amount: int,
        most_uses: int,
        expires_at: datetime | None,
        note: str,
    ) -> AuditEntry:
        """Make a code, one of chance unless it is given. Raises `Conflict` where it is there, and `InvalidRequest` for
        one that would be over already."""
        if expires_at is not None and expires_at <= self._now():
            raise InvalidRequest(
                "This code would be over already. Choose a later time.", code="invalid_value", param="expires_at"
            )
        wanted = normalise(code) if code is not None else self._new()
        made = Code(wanted, amount, most_uses, 0, note, expires_at, self._now())

        async def work(tx: Transaction, _id: str) -> Change:
            if await tx.get(_path(wanted)) is not None:
                raise Conflict("There is such a code. A code is made once.", param="code")
            tx.create(_path(wanted), made.to_data())
            return Change("codes.create", _path(wanted), None, asdict(made))

        return await log.change(order, work)

    async def end(self, log: AuditTrail, order: AdminCommand, code: str) -> AuditEntry:
        """Have a code redeemed no more; what was redeemed stays. Raises `NotFound`."""
        at = _path(normalise(code))

        async def work(tx: Transaction, _id: str) -> Change:
            document = await tx.get(at)
            if document is None:
                raise NotFound("There is no such code.", param="code")
            former = Code.from_data(document.id, document.data)
            ended = replace(former, expires_at=min(self._now(), former.expires_at or self._now()))
            tx.set(at, ended.to_data())
            return Change("codes.end", at, asdict(former), asdict(ended))

        return await log.change(order, work)

    async def page(self, *, limit: int, after: tuple[Any, ...] | None) -> Page[Code]:
        """All codes, newest first."""
        query = Query("codes", order_by="created_at", descending=True, limit=limit, after=after)
        return await read_page(self._store, query, lambda document: Code.from_data(document.id, document.data))

    async def redeem(self, uid: str, code: str, *, person: str) -> Entry:
        """Credit a wallet for a code, once a person. Raises `InvalidRequest` for one that is not good, whatever the
        cause, `Conflict` for one that the person has redeemed for another wallet, and `RateLimited`."""
        await Attempts(self._store, self._now).take((TRIES, person))
        wanted = normalise(code)
        now, entry_id = self._now(), f"code.{wanted}"

        async def work(tx: Transaction) -> Entry:
            document, billing, own, *_ = await tx.get_many(
                _path(wanted), billing_path(person), entry_path(person, entry_id), *Book.paths(uid, entry_id)
            )
            payer = Payer.from_document(billing)
            book = await Book.open(tx, uid, now, entry_id)
            posted = book.posted(entry_id)
            if posted is not None:
                return posted
            if document is None or not (found := Code.from_data(wanted, document.data)).is_good(now):
                raise _not_good()
            if wanted in payer.codes or own is not None:
                raise Conflict("You have redeemed this code: it is good once a person.", code="already_redeemed")
            if len(payer.codes) >= MOST_REDEEMED:
                raise Conflict(f"One person redeems at most {MOST_REDEEMED} codes.", code="too_many_codes")
            entry = book.post(Posting(entry_id, "bonus", found.amount, "Code redeemed", reference=wanted))
            book.save(tx)
            tx.update(document.path, {"uses": found.uses + 1})
            tx.set(billing_path(person), replace(payer, codes=(*payer.codes, wanted)).to_data())
            return entry

        return await self._store.transact(work)

    def _new(self) -> str:
        letters = self._ids.text(RANDOM_CHARS, _LETTERS)
        return "-".join(letters[at : at + 4] for at in range(0, RANDOM_CHARS, 4))


def normalise(code: str) -> str:
    """The one spelling of a code: upper case, trimmed."""
    return code.strip().upper()


def _path(code: str) -> str:
    return f"codes/{code}"


def _not_good() -> InvalidRequest:
    return InvalidRequest(
        "This code is not good: mistyped, used up, or over. Check it.", code="invalid_code", param="code"
    )
