"""Query parameters: what is unknown, doubled or impossible is refused, and no secret comes back."""

import pytest

from llmanac.query.fields import LISTING_FIELDS
from tests.serving import TOKEN, Served
from tests.web.wire import BEARER, Answer, ask

PATH = "/api/ai/models"
KNOWN = ", ".join(LISTING_FIELDS)
MINTED = "lmn_4fX9aQ7bZ2kLmN0pRsTuVwXyZ1234567000000"
OPENROUTER = "sk-or-v1-0123456789abcdef0123456789abcdef"
ELSEWHERE = ("/api/ai/status", "/api/ai/tokens", "/api/ai/quarantine", "/healthz", "/readyz", "/schema")


def refused(served: Served, target: str) -> dict[str, object]:
    answer = served.http.get(target)
    assert answer.status_code == 400, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, object] = answer.json()
    assert problem["error"] == "INVALID_PARAMETER"
    return problem


def test_the_default_view_may_be_named(served: Served) -> None:
    named, unnamed = served.http.get(f"{PATH}?view=listed"), served.http.get(PATH)
    assert (named.content, named.headers["ETag"]) == (unnamed.content, unnamed.headers["ETag"])
    assert served.http.get(f"{PATH}?").status_code == 200
    assert served.http.get(f"{PATH}?vi%65w=f%75ll").content == served.http.get(f"{PATH}?view=full").content


@pytest.mark.parametrize(
    ("query", "detail", "hint"),
    [
        ("vieww=full", f"Unknown parameter 'vieww'; known: {KNOWN}", "Did you mean view?"),
        ("View=full", f"Unknown parameter 'View'; known: {KNOWN}", "Did you mean view?"),
        ("querty=owl", f"Unknown parameter 'querty'; known: {KNOWN}", ""),
        ("=full", f"Unknown parameter ''; known: {KNOWN}", ""),
        ("view=ful", "view: Expected listed or full, got 'ful'", "Did you mean full?"),
        ("view=", "view: Expected listed or full, got ''", ""),
        ("view", "view: Expected listed or full, got ''", ""),
        ("view=full&view=full", "Expected view once, got it again", "Send view once."),
        ("view=full&view=listed", "Expected view once, got it again", "Send view once."),
        ("view=full&x=1", f"Unknown parameter 'x'; known: {KNOWN}", ""),
        ("view=full%00", "view: Expected listed or full, got 'full\\x00'", "Did you mean full?"),
    ],
)
def test_a_parameter_is_refused_with_what_was_seen_and_what_is_allowed(
    query: str, detail: str, hint: str, served: Served
) -> None:
    problem = refused(served, f"{PATH}?{query}")
    assert (problem["detail"], problem["nextActions"]) == (detail, hint)


@pytest.mark.parametrize("query", ["view=%ff", "%ff=1", "&".join(f"a{number}=1" for number in range(101)), "a" * 9000])
def test_a_query_that_is_no_utf_8_or_too_long_is_refused(query: str, served: Served) -> None:
    problem = refused(served, f"{PATH}?{query}")
    assert len(str(problem["detail"])) < 200


@pytest.mark.parametrize("path", ELSEWHERE)
def test_routes_that_are_asked_nothing_refuse_every_parameter(path: str, served: Served) -> None:
    assert refused(served, f"{path}?view=full")["detail"] == "Unknown parameter 'view'; known: none"


def credential_free(answer: Answer, secret: str) -> bool:
    whole = answer.body.decode() + repr(answer.fields)
    return secret not in whole and secret[:20] not in whole


@pytest.mark.parametrize("secret", [MINTED, OPENROUTER, TOKEN], ids=["minted", "OpenRouter's", "LLMANAC_TOKEN"])
@pytest.mark.parametrize(
    "query", ["token={}", "access_token={}", "{}", "{}=", "view={}", "view=full&key={}", "view=listed&view={}"]
)
@pytest.mark.parametrize("path", [PATH, "/api/ai/status", "/healthz"])
def test_a_token_in_the_query_opens_nothing_and_never_comes_back(
    secret: str, query: str, path: str, served: Served
) -> None:
    target = f"{path}?{query.format(secret)}"
    assert credential_free(ask(served.url, target), secret)
    without = ask(served.url, target, ())
    assert without.status == 400 if path == "/healthz" else without.status in (400, 401)
    assert credential_free(without, secret)


def test_a_token_in_the_path_does_not_come_back(served: Served) -> None:
    for path in (f"/{MINTED}", f"{PATH}/{MINTED}", f"/api/ai/tokens/{MINTED}"):
        answer = ask(served.url, path, BEARER, method="DELETE")
        assert answer.status in (404, 405)
        assert credential_free(answer, MINTED)
