"""What reads along with the logs of the suite."""
