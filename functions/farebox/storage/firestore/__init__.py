"""Google's Firestore as the engine."""
