"""The library: the domain of prepaid LLM access. It knows no HTTP server and, but for the adapters, no vendor.

The packages, floor by floor. One imports only from floors below its own; those of one floor know nothing of each other
(`tool.importlinter` in pyproject.toml holds it):

    jobs                                       what the scheduler starts
    wiring                                     puts everything together, at first use
    admin                                      what operators do, with an audit trail
    payments   identity   audit                Stripe, Creem, sandbox; local, Firebase; the books, recomputed
    config   data_plane   notifications        variables; one paid request; mail, webhooks, alerts
    billing   keys   metering                  paying and plans; API keys; billing for other gateways
    organisations                              who may act for a wallet, as what, and what they did
    accounts   leases                          profiles and terms; slices of a wallet that instances spend from
    caching   upstreams   ledger   usage       answers kept; upstreams as admins keep them; wallets; the journal
    environment                                reading variables (on the floor of `ledger`)
    pricing   limits   secrets   dialects      what it costs; budgets and rate windows; other ways to ask
    gateway   storage                          calls to upstreams; the database
    request                                    one checked request for every dialect
    observability                              logs, spans, metrics
    tokens   kit   errors                      counting; money, ids, periods; what can go wrong
"""
