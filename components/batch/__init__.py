"""Many files and one question, on the page and for programs."""
