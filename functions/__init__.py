"""The deployable functions of Farebox, an edge each, and the library that they share.

*.py        a deployable each: authenticate, parse, call the library, answer
edge/       what they share in speaking HTTP
farebox/    the library: the domain of prepaid LLM access, without HTTP
"""
