"""The data plane over HTTP: authentication by key, bodies, and answers as they are relayed."""
