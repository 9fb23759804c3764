"""Order channels: how the systems that sell speak to us."""
