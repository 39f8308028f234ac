"""JSON schemas: whether one is one, and whether an answer fits it. Knows nothing of any API.

Both come from strangers, and a pattern of ten letters can take years: so both are worked on in a
process with limits. Nothing that a schema refers to is fetched.
"""
