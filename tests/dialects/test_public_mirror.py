"""LLMANAC_PUBLIC_MIRROR: the list as public as OpenRouter's own is, and nothing else with it."""

from collections.abc import Iterator

import pytest

from llmanac.access.token import mint
from llmanac.clock import now
from tests.build import record
from tests.remembered import Memory, remembering
from tests.web.wire import Fields, ask

OPENED = ("/api/v1/models", "/api/v1/models/count", "/api/v1/model/acme/owl-2", "/exports/litellm.json")
CLOSED = (
    "/api/v1/models/user", "/v1/models", "/v1/models/acme/owl-2", "/api/ai/models", "/api/ai/models/acme/owl-2",
    "/api/ai/changes", "/api/ai/status", "/api/ai/tokens",
)  # fmt: skip
WRONG: Fields = (("Authorization", "Bearer lmn_wrong"),)
NONE: tuple[Fields, ...] = (
    (),
    (("Authorization", "Bearer "),),
    (("Authorization", "Basic eDp5"),),
    (("X-API-Key", ""),),
)


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    tmp = tmp_path_factory.mktemp("public")
    with remembering(f"sqlite:///{tmp / 'llmanac.db'}", tmp, (0, [record()]), public_mirror=True) as memory:
        yield memory


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    tmp = tmp_path_factory.mktemp("private")
    with remembering(f"sqlite:///{tmp / 'llmanac.db'}", tmp, (0, [record()])) as memory:
        yield memory


@pytest.mark.parametrize("path", OPENED)
def test_a_public_mirror_is_read_without_a_token(path: str, public: Memory, private: Memory) -> None:
    for nothing in NONE:
        assert ask(public.served.url, path, nothing).status == 200
        assert ask(private.served.url, path, nothing).status == 401
    assert ask(public.served.url, path).status == ask(private.served.url, path).status == 200


@pytest.mark.parametrize("path", OPENED)
def test_a_wrong_token_is_refused_even_where_none_is_needed(path: str, public: Memory) -> None:
    refused = ask(public.served.url, path, WRONG)
    assert refused.status == 401
    assert 'error="invalid_token"' in refused["WWW-Authenticate"]
    powerless = mint("a test", (), created_at=now())
    public.served.context.store.add_token(powerless.row)
    public.served.context.worker.follow()
    assert ask(public.served.url, path, (("Authorization", f"Bearer {powerless.plain}"),)).status == 403


@pytest.mark.parametrize("path", CLOSED)
def test_nothing_else_is_public(path: str, public: Memory) -> None:
    assert ask(public.served.url, path, ()).status == 401
    assert ask(public.served.url, path).status == 200
