"""The one table and the queue: items to domain and back, one access pattern a function."""
