"""The configuration: every environment variable that Farebox reads, read here and nowhere else.

`docs/configuration.md` lists them; a test holds the two together.
"""

from functions.farebox.config.config import Config, PaymentsName, database_file, read_config
from functions.farebox.config.observing import read_log_settings
from functions.farebox.config.payments import PaymentAccount
from functions.farebox.config.people import FirebaseProject, IdentityName

__all__ = [
    "Config",
    "FirebaseProject",
    "IdentityName",
    "PaymentAccount",
    "PaymentsName",
    "database_file",
    "read_config",
    "read_log_settings",
]
