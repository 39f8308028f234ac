"""Speaking the External API's contract: ``POST {base}/chat/completions``."""
