"""Our HTTP client beside those that everybody uses: what a request to an upstream takes of the processor with each.

All of them run on one interpreter and one event loop, over the same server, each turn in a process of its own. That
they are installed together is the work of requirements-dev.txt: tests have use for all of them.
"""
