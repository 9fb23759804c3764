"""Codes as things you can print: pictures, sheets of labels, and the file that orders them."""
