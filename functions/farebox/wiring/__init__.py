"""The composition root: the one place that makes the library's objects and hands them to each other.

    runtime       a process's Runtime, which makes everything at its first use; the only one that edges ask
    data_plane    the part of it that serves requests
    operations    the part of it that operators work with
    organisations the part of it that organisations are managed with
    once          a value that is made by whoever asks first
    local_ollama  finds an Ollama for the embedded run

Owns no rule and no document. Nothing is made at import. Edges, `jobs` and the command line import it.
"""
