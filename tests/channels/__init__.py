"""Order channels: what senders send is signed, read and listed as their documentation says."""
