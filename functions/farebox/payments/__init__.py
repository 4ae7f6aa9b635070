"""Payment providers: adapters of the port in `billing/provider.py`.

    connect     opens the one that the configuration names, and imports no other
    metadata    what was sold, as a provider's objects bear it
    stripe/     Stripe
    creem/      Creem
    sandbox/    a provider of our own, for the embedded run

Owns `sandbox_*/` and no other document. A provider verifies an event and says in `billing`'s words what it means; what
that does to the books is `billing`'s. May import: the floor of `config` and below.
"""
