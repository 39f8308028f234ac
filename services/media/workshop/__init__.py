"""Where work on strangers' files is done: one process a job, within limits."""
