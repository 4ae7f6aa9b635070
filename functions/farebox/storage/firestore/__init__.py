"""Google's Firestore as the engine. `engine` is its face; the others translate to and from its protocol buffers."""
