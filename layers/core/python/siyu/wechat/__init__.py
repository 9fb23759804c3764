"""WeChat's server API, over HTTP with our own time-outs."""
