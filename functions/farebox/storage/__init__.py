"""The one interface to the database: `Store`, over an engine that is SQLite or Firestore.

Owns transactions and their retries, and no document. Both engines answer alike: one set of tests runs on both. The
names below are its face. May import: `observability`, `tokens`, `kit`, `errors`.
"""

from functions.farebox.storage.model import (
    AlreadyExists,
    Check,
    Contended,
    Create,
    Data,
    Delete,
    Document,
    Engine,
    Filter,
    Increment,
    Missing,
    Query,
    Queued,
    Refused,
    Set,
    Unreachable,
    Update,
    Write,
)
from functions.farebox.storage.store import Store
from functions.farebox.storage.transaction import Transaction

__all__ = [
    "AlreadyExists",
    "Check",
    "Contended",
    "Create",
    "Data",
    "Delete",
    "Document",
    "Engine",
    "Filter",
    "Increment",
    "Missing",
    "Query",
    "Queued",
    "Refused",
    "Set",
    "Store",
    "Transaction",
    "Unreachable",
    "Update",
    "Write",
]
