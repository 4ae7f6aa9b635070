"""Money in: payment providers behind one port, and what their events do to wallets.

    facts      what an event tells about a payment or a subscription, in no provider's words
    payment    one payment's facts joined, in any order, and what they come to: the decision core
    books      applies an event: marker, payment, entries and wallet in one commit
    posting    what a payment does to the ledger
    metadata   what was sold, as the provider's objects bear it
    port       what a provider must offer
    sandbox    a provider of our own, for the embedded run
    stripe     Stripe
    creem      Creem

Providers are imported when configuration chooses them.
"""
