"""Dialects: APIs other than OpenAI's chat completions, translated to and from it.

Owns no document. A dialect knows no money, no HTTP and no upstream. Its requests become chat completions, which are
paid for and routed as any other; what comes back is put into the dialect's words as it comes. May import: the floor of
`gateway` and below.
"""
