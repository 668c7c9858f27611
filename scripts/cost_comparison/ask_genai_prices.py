"""Runs under a Python that has genai-prices: as `ask_litellm`, with the prices it has for OpenRouter."""

import json
import sys
from datetime import datetime
from importlib.metadata import version


def main() -> None:
    """Answers `[version, totals]`; a total is a text, or null where there is no price."""
    from genai_prices import Usage, calc_price  # type: ignore[import-not-found]  # noqa: PLC0415  as in ask_litellm

    totals: list[str | None] = []
    for question in json.load(sys.stdin):
        usage = Usage(
            input_tokens=question["prompt_tokens"],
            output_tokens=question["completion_tokens"],
            cache_read_tokens=question["cache_read_tokens"],
            cache_write_tokens=question["cache_write_tokens"],
        )
        try:
            priced = calc_price(
                usage,
                question["model"],
                provider_id="openrouter",
                genai_request_timestamp=datetime.fromisoformat(question["at"]),
            )
            totals.append(f"{priced.total_price:f}")
        except Exception:  # noqa: BLE001  whatever it raises, there is no price
            totals.append(None)
    json.dump([version("genai-prices"), totals], sys.stdout)


if __name__ == "__main__":
    main()
