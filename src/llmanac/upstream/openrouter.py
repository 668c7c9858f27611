"""Fetching OpenRouter's list: pages of bytes, or an UpstreamError that says why not. Nothing is judged here."""

import asyncio
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import httpx2
import msgspec
import stamina
import structlog
from stamina.instrumentation import RetryDetails, set_on_retry_hooks

from llmanac.catalogue.snapshot import Part, RawPage
from llmanac.clock import Clock
from llmanac.errors import UpstreamError, UpstreamTooLarge, UpstreamUnreachable
from llmanac.upstream.split import NotAList, split_page
from llmanac.upstream.transfer import Answer, Transfer, TransferLimits

PATHS = {Part.MODELS: "/models?output_modalities=all", Part.ACCOUNT: "/models/user"}
"""Without the parameter only models with text output come (OpenRouter's OpenAPI document, August 2026)."""


log = structlog.get_logger("llmanac.sync")


class FetchOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Where to ask, as whom, and within which limits. `narrowed` asks for the account's list too."""

    base_url: str
    key: str | None
    narrowed: bool
    user_agent: str
    connect_seconds: float
    whole_seconds: float
    """For one try: every page of every list together."""
    max_body_bytes: int
    """After decompression, all pages together."""
    max_pages: int
    max_redirects: int
    max_retries: int
    retry_wait_seconds: float
    """First wait; it doubles, with jitter."""
    max_retry_after_seconds: float
    """A longer `Retry-After` ends the fetch and is left to the schedule."""


class Fetched(msgspec.Struct, frozen=True):
    """A whole list, unjudged: its pages in order, then those of the account's list if it is narrowed by one."""

    taken_at: datetime
    pages: tuple[RawPage, ...]

    @property
    def validators(self) -> tuple[tuple[str, str], ...]:
        """(address, ETag) of every page, in order; empty unless upstream gave one for each."""
        known = tuple((page.url, page.etag) for page in self.pages if page.etag)
        return known if len(known) == len(self.pages) else ()


class NotModified(msgspec.Struct, frozen=True):
    """Upstream says that every page is what we had."""

    taken_at: datetime


def fetch(
    options: FetchOptions, clock: Clock, *, validators: tuple[tuple[str, str], ...] = ()
) -> Fetched | NotModified:
    """The list, with retries. Blocks its thread; runs an event loop of its own so that the time limit holds everywhere.

    Args:
        options: Address, key and limits.
        clock: Tells `taken_at`, read after the last byte.
        validators: From the last good fetch; the list is then asked for conditionally.

    Raises:
        KeyRejected: Upstream answered 401 to the key.
        UpstreamError: Nothing came that could be judged.
    """
    return asyncio.run(_fetch_with_retries(options, clock, validators))


def _log_retry(details: RetryDetails) -> None:
    log.warning(
        "sync.retry", retry=details.retry_num, wait_seconds=round(details.wait_for, 1), detail=str(details.caused_by)
    )


set_on_retry_hooks((_log_retry,))


async def _fetch_with_retries(
    options: FetchOptions, clock: Clock, validators: tuple[tuple[str, str], ...]
) -> Fetched | NotModified:
    longest = timedelta(seconds=options.max_retry_after_seconds)

    def backoff(failure: Exception) -> bool | timedelta:
        if not isinstance(failure, UpstreamError) or not failure.transient:
            return False
        if failure.retry_after is None:
            return True
        return failure.retry_after if failure.retry_after <= longest else False

    async for attempt in stamina.retry_context(
        on=backoff,
        attempts=options.max_retries + 1,
        timeout=None,
        wait_initial=options.retry_wait_seconds,
        wait_max=options.retry_wait_seconds * 8,
        wait_jitter=options.retry_wait_seconds,
    ):
        with attempt:
            return await _fetch_once(options, clock, validators)
    raise AssertionError("stamina yields at least one attempt")


async def _fetch_once(
    options: FetchOptions, clock: Clock, validators: tuple[tuple[str, str], ...]
) -> Fetched | NotModified:
    limits = TransferLimits(
        max_body_bytes=options.max_body_bytes,
        max_redirects=options.max_redirects,
        connect_seconds=options.connect_seconds,
    )
    try:
        async with (
            asyncio.timeout(options.whole_seconds),
            Transfer(options.base_url, options.key, options.user_agent, limits) as transfer,
        ):
            first = None
            if validators and validators[0][0] == options.base_url + PATHS[Part.MODELS]:
                at, first = await _first_change(transfer, validators)
                if first is None:
                    return NotModified(clock())
                if at > 0:
                    # Pages must be of one time: all of them are asked for again.
                    transfer.forget()
                    first = None
            pages = await _pages(transfer, options, Part.MODELS, first)
            if options.narrowed:
                pages += await _pages(transfer, options, Part.ACCOUNT)
            return Fetched(clock(), pages)
    except TimeoutError:
        raise UpstreamUnreachable(
            f"Expected the list within {options.whole_seconds:g} s, got no end of it",
            hint="Raise LLMANAC_SYNC_TIMEOUT_SECONDS if the connection is slow.",
        ) from None
    except httpx2.ConnectTimeout:
        raise UpstreamUnreachable(
            f"Expected a connection to {_host(options)} within {options.connect_seconds:g} s, got none"
        ) from None
    except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError) as problem:
        raise UpstreamUnreachable(f"{_host(options)}: {type(problem).__name__}: {problem}") from problem


async def _first_change(transfer: Transfer, validators: tuple[tuple[str, str], ...]) -> tuple[int, Answer | None]:
    """Ask for each page on condition that it changed: the first that did and its place, or None when none did."""
    for at, (url, etag) in enumerate(validators):
        answer = await transfer.get(url, etag=etag)
        if answer is not None:
            return at, answer
    return len(validators), None


async def _pages(
    transfer: Transfer, options: FetchOptions, part: Part, first: Answer | None = None
) -> tuple[RawPage, ...]:
    """All pages of a list; the first may be there already.

    Following `links.next` stops at an answer that is no list: the guard shall see it.
    """
    url: str | None = options.base_url + PATHS[part]
    pages: list[RawPage] = []
    seen: set[str] = set()
    while url is not None:
        if url in seen:
            raise UpstreamTooLarge(f"Expected pages that end, got a `links.next` back to page {len(seen)}")
        if len(pages) == options.max_pages:
            raise UpstreamTooLarge(
                f"Expected at most {options.max_pages} pages, got a link to another",
                hint="Raise LLMANAC_SYNC_MAX_PAGES if the list is really that long.",
            )
        seen.add(url)
        answer = first or await transfer.get(url)
        first = None
        assert answer is not None, "304 to an unconditional request is refused by Transfer"
        pages.append(RawPage(part, url, answer.body, answer.etag))
        rows = split_page(answer.body)
        following = None if isinstance(rows, NotAList) or rows.links is None else rows.links.next
        url = transfer.resolve(url, following) if following else None
    return tuple(pages)


def _host(options: FetchOptions) -> str:
    return urlsplit(options.base_url).netloc
