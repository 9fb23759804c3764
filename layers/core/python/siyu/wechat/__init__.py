"""The protocols of WeChat and WeCom: their server APIs and their callbacks."""
