"""The page around its content: language and colours by hand, and its own head."""
