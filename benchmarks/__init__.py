"""How fast llmanac answers beside nginx and FastAPI, measured in one run: `python -m benchmarks.run`."""
