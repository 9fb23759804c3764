"""The operator's command, `siyu`: codes, keys of stores, members; all by way of the services."""
