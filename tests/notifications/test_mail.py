import random
import stat
from pathlib import Path

from functions.farebox.kit.ids import Ids
from functions.farebox.notifications.mail import KEPT_FOR, Mailer
from functions.farebox.storage import Query, Store
from tests.support.product.runtime import Clock


async def test_a_mail_is_a_document_in_the_extensions_form(store: Store) -> None:
    clock = Clock()
    await Mailer(store, outbox=None, now=clock, ids=Ids(random.Random(3))).send("ada@example.com", "Hello", "Text")
    [mail] = await store.query(Query("mail"))
    assert mail.data["to"] == "ada@example.com"
    assert mail.data["message"] == {"subject": "Hello", "text": "Text"}
    assert mail.data["expires_at"] == clock() + KEPT_FOR


async def test_the_outbox_shows_the_mail_to_its_owner_alone(sqlite_store: Store, tmp_path: Path) -> None:
    outbox = tmp_path / "outbox"
    await Mailer(sqlite_store, outbox=outbox, now=Clock(), ids=Ids()).send("ada@example.com", "Hello", "Text")
    [copy] = outbox.iterdir()
    assert copy.name.startswith("20261121T120000-")
    assert copy.read_text().endswith("\n\nText\n")
    assert stat.S_IMODE(outbox.stat().st_mode) == 0o700
