"""The entry of an upstream, as `FAREBOX_UPSTREAMS` and the admin API take it alike: its form, and what it may say.

`form.Entry` is the one definition: what is not in it is refused by both. May import: `kit`, `errors`.
"""
