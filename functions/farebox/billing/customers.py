"""What a payment provider knows of its customers: that one was deleted there, or gets receipts at another address.

A customer who was deleted is forgotten here as well, so that the next call makes a new one. The address of receipts is
the payer's to choose at the provider; it is no account's.
"""

from dataclasses import replace

from functions.farebox.accounts.account import user_path
from functions.farebox.billing.events import CustomerChanged
from functions.farebox.billing.payer import Payer, billing_path
from functions.farebox.storage import Store, Transaction


async def apply_customer(tx: Transaction, provider: str, fact: CustomerChanged) -> None:
    """Follow a change of a customer, if it is the one that the user is known by."""
    user, document = await tx.get_many(user_path(fact.user), billing_path(fact.user))
    payer = Payer.from_document(document)
    if user is None or payer.customers.get(provider) != fact.customer:
        return
    emails = {name: email for name, email in payer.emails.items() if name != provider}
    if fact.is_deleted:
        customers = {name: customer for name, customer in payer.customers.items() if name != provider}
        payer = replace(payer, customers=customers, emails=emails)
    elif fact.email:
        known = payer.emails.get(provider, {"account": None})
        payer = replace(payer, emails={**emails, provider: {**known, "receipts": fact.email}})
    tx.set(billing_path(fact.user), payer.to_data())


async def remember_customer(
    store: Store, uid: str, provider: str, customer: str, *, email: str, instead_of: str | None
) -> None:
    """Keep what a provider calls a user from now on, and which of their addresses it has. Of two customers that were
    made at once, the first stays."""

    async def work(tx: Transaction) -> None:
        former = Payer.from_document(await tx.get(billing_path(uid)))
        payer = former
        if payer.customers.get(provider) in (None, instead_of):
            payer = replace(payer, customers={**payer.customers, provider: customer})
        known = payer.emails.get(provider, {"account": None, "receipts": None})
        if known["account"] != email:
            payer = replace(payer, emails={**payer.emails, provider: {"account": email, "receipts": email}})
        if payer != former:
            tx.set(billing_path(uid), payer.to_data())

    await store.transact(work)
