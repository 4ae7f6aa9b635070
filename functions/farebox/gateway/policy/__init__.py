"""What operators decide about routing: how equals share a model's calls, which calls stay together, and which models
answer instead of others."""
