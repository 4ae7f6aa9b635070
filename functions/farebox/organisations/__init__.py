"""Organisations: who may act for a wallet besides its owner, in which role, and what they did.

    rights            what each role and each scope of a key may do: one table
    acting            whoever calls, for which organisation, with which rights
    membership        a person's place in an organisation, as it is kept
    directory         organisations made, listed, changed and closed
    members           members listed, changed and removed
    leaving           what becomes of them when a person is erased
    invitations       how a person becomes one
    mail_limits       how many of them are mailed
    projects          groups of keys
    service_accounts  holders of keys that are nobody
    trail             who did what, from where

Every wallet belongs to one. A person's own has the person's id and needs nothing here: its owner is implied. One that
was made is an account of a kind of its own at `users/{id}`, which cannot sign in, with a wallet like any other: what
charges, counts and pays knows payers alone. Owns `members`, `invitations`, `projects`, `service_accounts` and `trail`
below `users/{id}`. May import: the floor of `accounts` and below.
"""
