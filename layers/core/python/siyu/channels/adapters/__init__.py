"""One module a kind of sender; docs/channels.md tells how to add one."""
