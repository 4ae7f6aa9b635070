"""The self-audit: walks every wallet, ledger entry, lease, tenant and usage record, and names what does not add up.

    python -m functions.farebox.audit

prints the first fault and exits with 1, or says that the books are clean. A live system may be audited: what does not
add up at first, since it changed while it was read, is looked at again by itself.

Owns no document and changes none. May import: the floor of `config` and below.
"""

from functions.farebox.audit.fault import Fault
from functions.farebox.audit.walk import Audited, audit, audit_all

__all__ = ["Audited", "Fault", "audit", "audit_all"]
