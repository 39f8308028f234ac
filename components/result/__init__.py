"""What comes of a question: its cards, its views, and the pace at which they are shown."""
