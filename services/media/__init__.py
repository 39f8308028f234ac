"""What a file is, and making it fit to send. Knows nothing of any API."""
