"""A change of schema.yaml becomes a plan: what it means, which values fit, and the way back."""
