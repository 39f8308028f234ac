"""A long recording, asked about piece by piece, and the answers joined again."""
