"""Applies to a payer what is heard of their subscriptions, and what time has brought about: which plan's terms they
have. Everything here is a part of a transaction that has written nothing yet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from functions.farebox.accounts.account import is_gone, user_path
from functions.farebox.accounts.plans import Plan
from functions.farebox.billing.events import Item, SubscriptionChanged
from functions.farebox.billing.payer import Payer, billing_path
from functions.farebox.billing.subscriptions.catalogue import PlanCatalogue
from functions.farebox.billing.subscriptions.entitlement import entitle, running
from functions.farebox.billing.subscriptions.grace import Grace
from functions.farebox.billing.subscriptions.plans_own import place_of_plan
from functions.farebox.billing.subscriptions.record import NextTerms, join
from functions.farebox.billing.subscriptions.terms import adopt_plan
from functions.farebox.billing.subscriptions.trials import NOTHING_DONE, SECOND_TRIAL, Claims
from functions.farebox.ledger.book import Book
from functions.farebox.ledger.wallet import Posting
from functions.farebox.storage import Data, Document, Filter, Query, Store, Transaction

MOST_OWNERS = 20  # of an organisation that are looked at


class UnknownPayer(Exception):
    """An event names a user who is not there."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides about a subscription besides itself: the plans, the grace of what is not paid for, and the time."""

    catalogue: PlanCatalogue
    now: datetime
    grace: Grace = field(default_factory=dict)

    @property
    def prices(self) -> Mapping[str, int]:
        """What each plan costs a month."""
        return self.catalogue.prices()


async def owners_of(store: Store, org: str) -> list[str]:
    """The people to whom an organisation belongs; none for a person's own."""
    query = Query(f"{user_path(org)}/members", (Filter("role", "==", "owner"),), limit=MOST_OWNERS)
    return [each.id for each in await store.query(query)]


async def apply_subscription(
    tx: Transaction, provider: str, fact: SubscriptionChanged, rules: Rules, owners: Sequence[str] = ()
) -> Payer:
    """Remember how a subscription stands, grant what its trial brings, and give the payer the terms of the plan that
    they have now. `owners` are an organisation's: a trial brings its credit once a person.

    Raises `UnknownPayer`, `UnknownPlan`, or `record.Contradicted`.
    """
    user, document, *others = await tx.get_many(user_path(fact.user), *map(billing_path, (fact.user, *owners)))
    if user is None:
        raise UnknownPayer(f"subscription {fact.subscription} is for user {fact.user}, who is not there")
    fact, item = _of_plan(fact, rules.catalogue.names(provider))
    plan = rules.catalogue.find(provider, item.product, fact.plan)
    former = Payer.from_document(document)
    marks = _marks_of(former, fact)
    coming = _coming_of(fact, item, provider, rules.catalogue)
    payer = replace(former, subscriptions=join(former.subscriptions, fact, item, plan.id, provider, marks, coming))
    claims = Claims(fact, marks)
    await claims.read(tx)
    if claims.is_second:
        noted = {fact.subscription: {**NOTHING_DONE, "reason": SECOND_TRIAL}}
        payer = replace(payer, surplus={**noted, **payer.surplus})
    if payer.checkout is not None and payer.subscriptions.keys() != former.subscriptions.keys():
        payer = replace(payer, checkout=None)
    if fact.subscription not in former.subscriptions:
        payer = replace(payer, trial_marks=())
    if is_gone(user.data):
        payer = replace(payer, is_gone=True)  # the job ends what runs
        if payer != former:
            tx.set(billing_path(fact.user), payer.to_data())
        return payer
    if payer == former:
        claims.write(tx, rules.now)
        return payer
    book = await Book.open(tx, user.id, rules.now, _trial_id(plan))
    people = [payer, *map(Payer.from_document, others)]
    payer, *granted = _grant_trial(book, people, plan, fact)
    owned = zip(map(billing_path, owners), granted, strict=False)
    payer, fields = await bring_up_to_date(tx, book, user, payer, rules)
    book.save(tx)
    claims.write(tx, rules.now)
    if fields:
        tx.update(user.path, fields)
    for path, person in [*owned, (billing_path(fact.user), payer)]:
        tx.set(path, person.to_data())
    return payer


def _of_plan(fact: SubscriptionChanged, names: frozenset[str]) -> tuple[SubscriptionChanged, Item]:
    """A subscription as it stands for its plan, and the plan's item."""
    items = fact.items or (Item(),)
    item = items[place_of_plan([each.product for each in items], names)]
    if fact.status == "active" and item.seats == 0:  # it stays there, and nothing is paid for it
        return replace(fact, status="paused"), item
    return fact, item


def _coming_of(fact: SubscriptionChanged, item: Item, provider: str, catalogue: PlanCatalogue) -> NextTerms | None:
    """The first that a subscription was agreed to become, where a plan is known by it and it is another than now. It is
    shown, and decides nothing."""
    for told in fact.coming:
        plan = catalogue.named(provider, told.product)
        if plan is not None and (told.product, told.seats, told.months) != (item.product, item.seats, item.months):
            return NextTerms(plan.id, told.begins_at, told.seats, told.price, told.months)
    return None


def _marks_of(payer: Payer, fact: SubscriptionChanged) -> Sequence[str]:
    """The marks of who began a subscription. They are kept with it, for its trial need not begin with its first event;
    that one takes those of the page that was open, and of such as were given up and may be paid anyway."""
    known = payer.subscriptions.get(fact.subscription)
    if known is None:
        return sorted({*(payer.checkout or {}).get("trial_marks", ()), *payer.trial_marks})
    marks: Sequence[str] = known.get("trial_marks", ())
    return marks


def _trial_id(plan: Plan) -> str:
    """The entry of a trial's credit: one a plan, however often it is subscribed to."""
    return f"trial.{plan.id}"


def _grant_trial(book: Book, people: list[Payer], plan: Plan, fact: SubscriptionChanged) -> list[Payer]:
    """Grant what a trial brings, if it does and the payer, the first of the people, or the others have had none;
    answers those who have changed, the payer in any case."""
    payer, first = people[0], running(people[0], book.now)
    is_on_trial = fact.status == "trialing" and first is not None and first.id == fact.subscription
    until = fact.trial_ends_at
    if not is_on_trial or not plan.trial_grant or not plan.grant or until is None or until <= book.now:
        return [payer]
    if book.posted(_trial_id(plan)) is not None or any(_had_trial(each, plan.id, fact) for each in people):
        return [payer]
    text = f"Credit of plan {plan.id} for its trial"
    book.grant(Posting(_trial_id(plan), "grant", plan.grant, text, plan.id), until)
    trial = {plan.id: {"wallet": fact.user, "subscription": fact.subscription}}
    return [replace(each, trials={**each.trials, **trial}) for each in people]


def _had_trial(person: Payer, plan: str, fact: SubscriptionChanged) -> bool:
    """Whether a person was granted a trial's credit for this plan, or in this trial, or with another wallet."""
    return plan in person.trials or any(
        each["subscription"] == fact.subscription or each["wallet"] != fact.user for each in person.trials.values()
    )


async def bring_up_to_date(
    tx: Transaction, book: Book, user: Document, payer: Payer, rules: Rules, *, renews: bool = False
) -> tuple[Payer, Data]:
    """Give a payer, in an open book, the terms of the plan that they have now; answers them, and what changes of the
    user. A renewal takes up the plan's terms anew. A plan that an operator has given since stays, until the
    subscription changes to another."""
    found = entitle(payer, rules.now, rules.grace, rules.prices)
    is_its_own = user.data["plan"] == payer.plan
    fields: Data = {}
    if found.plan != payer.plan:
        if found.plan is not None or is_its_own:
            fields = await adopt_plan(tx, book, user, found.plan)
    elif renews and found.plan is not None and is_its_own:
        fields = await adopt_plan(tx, book, user, found.plan)
    return replace(payer, plan=found.plan, check_at=found.check_at), fields
