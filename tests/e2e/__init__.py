"""Parts of `make e2e` that need no deployment."""
