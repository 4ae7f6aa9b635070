"""Identity by Firebase: Google keeps the passwords; `firebase-admin` verifies the tokens."""
