"""What models can do, apart from what they cost: what is publicly known, and what an operator says."""
