"""Subscriptions: how each stands, which plan a payer has because of them, and what their periods grant.

    record        one subscription, joined from events in any order. Pure
    grace         how long a plan outlives its payment, as an operator sets it
    plans_own     which of what a subscription sells is the plan's, and which is sold beside it. Pure
    entitlement   which of a payer's subscriptions decides, about which plan, and until when. Pure
    periods       what the lines of a paid period grant. Pure
    time_back     takes back the credit of paid time that was given back
    catalogue     the plans, by what providers call them
    terms         puts a plan's terms in the place of the former one's; what admins set stays
    standing      applies what is heard to the payer, in the event's transaction
    trials        who has had one: a mailbox, a card
    duplicates    ends what a payer has subscribed to a second time
    follow        the job: what time alone brings about

The provider's price decides about the plan. A period paid is a period granted. One subscription a payer: the first.
"""
