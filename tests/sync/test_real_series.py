"""All lists of OpenRouter that lie beside the repository, woven in any order: one store, and every list as it was."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests.sync.real_series import held_after_each_order, stored_lists


@pytest.mark.real_lists
def test_all_real_lists_in_any_order_on_both_databases_give_one_store_and_come_back_as_they_were(
    postgres_url: str, tmp_path: Path
) -> None:
    """76 lists of December 2023 to August 2026, in time, backwards and shuffled. Each database has its own process."""
    urls = (f"sqlite:///{tmp_path / 'llmanac.db'}", postgres_url)
    with ProcessPoolExecutor(len(urls), mp_context=get_context("spawn")) as pool:
        on_sqlite, on_postgresql = pool.map(held_after_each_order, urls)
    expected = on_sqlite["in time"]
    assert (expected["fetch"].count, len(on_sqlite)) == (len(stored_lists()), 3)
    for order, held in on_sqlite.items():
        assert held == expected, order
        assert on_postgresql[order] == expected, order
