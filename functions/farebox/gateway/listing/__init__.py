"""What upstreams tell of their models in the list of them."""
