"""What was sent, as code that sends it again, and as a record that other tools read."""
