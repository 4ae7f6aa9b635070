"""Routes of the function `accounts` about organisations: themselves, members, invitations, projects, audit trail.

Owns request and response models alone; what is done is `farebox/organisations`'. May import: `rest` and below.
"""
