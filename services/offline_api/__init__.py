"""A small External API that needs no network: same contract, rough ears, simple eyes."""
