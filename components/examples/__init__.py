"""Ready examples, for who has nothing to say just now."""
