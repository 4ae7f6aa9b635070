"""Upstreams that speak more than chat completions: what each is sent, and how its answers are read.

`forms` has a request in each dialect that its upstreams may speak. An answer in a dialect of its own is read by the
`reader` of that dialect into the chat completion that it means: the books are kept by that, and who asked in that very
dialect is passed the original on. May import: the floor of `gateway` and below.
"""
