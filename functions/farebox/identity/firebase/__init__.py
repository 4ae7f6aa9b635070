"""Firebase as the identity provider: Google keeps the passwords; `firebase-admin` verifies the tokens."""
