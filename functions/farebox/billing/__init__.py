"""Paying: top-ups, subscriptions, plan credit and auto-recharge, and what a payment provider's events do to the books.

    provider        the port that a payment provider implements
    events          what its events say, in no vendor's words
    payment         one payment: its facts joined in any order, and what they come to. Pure
    apply_event     applies an event: marker, payment, ledger entries and wallet in one commit
    posting         what a payment does to the ledger
    payer           a user as a payer: `billing/{uid}`
    packages        what is on offer besides plans
    checkout        sends users to the provider to pay
    subscriptions   which plan a user has because they pay for it
    leaving         ends a payer's business when they go, and takes in what comes for them afterwards
    plan_credit     the monthly credit of a plan without a subscription
    auto_recharge   one user's auto-recharge: settings and state. Pure
    recharge_job    charges the saved cards

Owns `billing/`, `payments/` and `events/`. Knows no vendor: they are in `payments`. A payment is credited once, and its
events may come in any order. May import: the floor of `accounts` and below.
"""
