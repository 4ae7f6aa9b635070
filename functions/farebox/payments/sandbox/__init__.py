"""A payment provider of our own for the embedded run: no money moves, everything else is as with a real one.

`provider` implements the port; `state` keeps what a provider would keep at home.
"""
