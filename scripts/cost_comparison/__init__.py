"""`python -m scripts.cost_comparison`: the same workloads at the same models, by llmanac, genai-prices and litellm."""
