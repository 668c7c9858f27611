"""Scripts that make what the repository carries; run as `python -m scripts.NAME`."""
