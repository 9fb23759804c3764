"""The segmentation over many nights, and nights that die."""
