"""Twenty questions that users really ask, as query strings of `GET /api/ai/models`."""

from collections.abc import Mapping
from types import MappingProxyType

QUESTIONS: Mapping[str, str] = MappingProxyType(
    {
        "the first page": "limit=50",
        "the newest models": "sort=-created&limit=50",
        "new since last month": "max_age_days=30&sort=-created&limit=50",
        "cheapest with tools and 200k context": "supported_parameters=tools&context=200000&sort=price&limit=50",
        "free ones with tools": "price_state=free&supported_parameters=tools&sort=-context&limit=50",
        "cheap and long, output under $1": "max_output_price=1&context=128000&sort=output_price&limit=50",
        "image output under a price": "output_modalities=image&max_output_price=20&sort=output_price&limit=50",
        "what reads pictures and files": "input_modalities=image,file&sort=-created&limit=50",
        "structured answers and reasoning": "supported_parameters=structured_outputs,reasoning&sort=price&limit=50",
        "what leaves soon": "status=expiring&sort=expires&limit=50",
        "all of two makers": "model_authors=anthropic,openai&sort=-created&limit=50",
        "open models by family": "arch=Llama3,Qwen,Mistral&sort=-context,price&limit=50",
        "batch prices": "variant=batch&sort=output_price&limit=50",
        "OpenRouter's cheapest": "sort=pricing-low-to-high&limit=50",
        "page ten by name": "sort=name&offset=450&limit=50",
        "three by id": "ids=openai/gpt-4o,openai/gpt-4o-mini,openai/gpt-5.1",
        "a name": "q=claude+sonnet&limit=50",
        "a name run together": "q=gpt4o+mini&limit=50",
        "a name with a slip": "q=depseek&limit=50",
        "a name, cheapest first, with counts": (
            "q=mini&max_price=1&sort=price&limit=50&facets=author,output_modality,parameter,variant,price_state"
        ),
    }
)
"""By the words a user would say."""
