"""The one place for settings: flag > environment > file > default, each checked, each with its origin."""

import os
import re
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)

from llmanac.store.rows import Scope, SeriesKey

PREFIX = "LLMANAC_"
SOURCE = "openrouter"
DEFAULT_BASE_URL = "https://openrouter.ai/api/v1"
MIN_TOKEN_CHARACTERS = 16
ANY_ORIGIN = "*"
_ORIGIN = re.compile(r"(?P<host>(?P<scheme>https?)://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\]))(?::(?P<port>[0-9]{1,5}))?")
_USUAL_PORTS = {"http": 80, "https": 443}


def _share(value: object) -> Fraction:
    try:
        return Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        raise ValueError("a share between 0 and 1, such as 0.5 or 1/3") from None


def _origin(text: str) -> str:
    """An origin as browsers write it (RFC 6454 section 6.2): in small letters, without its scheme's usual port."""
    found = _ORIGIN.fullmatch(text.lower())
    if found is None or int(found["port"] or 0) > 65535:
        raise ValueError(f"origins such as https://app.example.com,http://localhost:3000, or {ANY_ORIGIN} by itself")
    port = found["port"] and int(found["port"])
    return found["host"] if port in (None, _USUAL_PORTS[found["scheme"]]) else f"{found['host']}:{port}"


def _platform_data_dir() -> Path:
    from platformdirs import user_data_path  # noqa: PLC0415  not needed where LLMANAC_DATA_DIR is set

    return user_data_path("llmanac", appauthor=False)


Share = Annotated[Fraction, BeforeValidator(_share), Field(ge=0, le=1)]
Seconds = Annotated[float, Field(gt=0, le=7 * 86400, allow_inf_nan=False)]


class Settings(BaseModel):
    """Everything that can be set. The field's description is its documentation."""

    model_config = ConfigDict(populate_by_name=True, extra="forbid", frozen=True)

    openrouter_api_key: SecretStr | None = Field(
        None, validation_alias="OPENROUTER_API_KEY", description="OpenRouter's key. With it `configured` is true."
    )
    openrouter_base_url: str = Field(
        DEFAULT_BASE_URL,
        validation_alias="OPENROUTER_BASE_URL",
        description="Where the list is: OpenRouter, a mirror, or another llmanac.",
    )
    openrouter_scope: Scope = Field(
        Scope.ALL,
        validation_alias=AliasChoices("LLMANAC_OPENROUTER_SCOPE", "OPENROUTER_SCOPE"),
        description="`all`: the whole public list. `account`: only what the key's account may use; needs the key.",
    )
    token: SecretStr | None = Field(
        None, description="A token set from outside, with every scope: at least 16 printable characters, no spaces."
    )
    host: str = Field("127.0.0.1", min_length=1, description="Address to listen on.")
    port: int = Field(8642, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    workers: int = Field(1, ge=1, le=64, description="Processes that answer.")
    data_dir: Path = Field(
        default_factory=_platform_data_dir,
        description="Directory of the SQLite database; made when it is not there.",
        json_schema_extra={"default_text": "the platform's data directory"},
    )
    database_url: SecretStr | None = Field(
        None, description="`sqlite:///path` or `postgresql+psycopg://…`; empty is SQLite in the data directory."
    )
    sync_interval_seconds: int = Field(3600, ge=1, le=7 * 86400, description="Between two syncs, ± a tenth.")
    sync_retry_seconds: int = Field(
        60, ge=1, le=86400, description="After a failed sync; doubles with each failure up to the interval."
    )
    sync_connect_seconds: Seconds = Field(5, description="Time limit for one connection to upstream.")
    sync_timeout_seconds: Seconds = Field(20, description="Time limit for one whole try: all pages of the list.")
    sync_max_body_bytes: int = Field(64 << 20, ge=1024, description="Limit of the list's size, after decompression.")
    sync_max_pages: int = Field(100, ge=1, le=10_000, description="Limit of pages (`links.next`).")
    sync_max_redirects: int = Field(5, ge=0, le=20, description="Limit of redirects for one page.")
    sync_retries: int = Field(
        3, ge=0, le=10, description="Tries after the first within one sync, for 429, 5xx, breaks."
    )
    sync_retry_wait_seconds: Seconds = Field(1, description="Wait before the first of them; doubles, with jitter.")
    sync_retry_after_max_seconds: float = Field(
        60,
        ge=0,
        le=3600,
        description="Longest `Retry-After` waited for within one sync; a longer one ends it and moves the next.",
    )
    sync_postpone_intervals: float = Field(
        6, ge=1, le=24, description="Upstream's `Retry-After` moves the next sync by at most so many intervals."
    )
    quarantine_min_share: Share = Field(
        Fraction(1, 2), description="A list with a smaller share of the last good one's models is not admitted."
    )
    quarantine_max_reject_share: Share = Field(
        Fraction(1, 5), description="A list with a larger share of rejected rows is not admitted."
    )
    quarantine_max_repriced_share: Share = Field(
        Fraction(1, 3),
        description="A list in which a larger share of prices changed tenfold, or to or from zero, is not admitted.",
    )
    quarantine_repeats: int = Field(
        3, ge=2, le=1000, description="Consecutive syncs after which a shrunk or repriced list is admitted after all …"
    )
    quarantine_hours: float = Field(6, ge=0, le=8760, description="… if they span at least this many hours.")
    quarantine_keep: int = Field(20, ge=1, le=1000, description="Quarantined lists that are kept.")
    quarantine_max_bytes: int = Field(
        256 << 20, ge=0, description="Their size together, compressed; the newest is always kept."
    )
    flap_days: float = Field(
        10, ge=0, le=365, description="A model or a price that is back within this many days was never gone (`flap`)."
    )
    raw_retention_days: float = Field(
        0, ge=0, le=36500, description="Raw bytes of older fetches are deleted, nothing else; 0 keeps them for ever."
    )
    past_cache_bytes: int = Field(
        12 << 20,
        ge=0,
        description="Memory of each worker for lists as they were (`as_of`), what questions are looked up in, and "
        "answers, about: with 700 models the whole process stays at some 120 MB. More makes `as_of` quicker where "
        "many different instants are asked for.",
    )
    offline: bool = Field(default=False, description="Never call upstream.")
    bundle: bool = Field(default=True, description="Serve the bundled catalogue while there is no other.")
    hide_unconfigured: bool = Field(
        default=False, description="List no models of a provider for which there is no key."
    )
    public_mirror: bool = Field(
        default=False,
        description="`/api/v1/models`, `/models/count`, `/model/…` and `/exports` may be read without a token.",
    )
    cors_origins: str = Field(
        "",
        description="Origins whose web pages may read answers in a browser, with commas between, such as "
        "`https://app.example.com`; `*`: those of any. They need a token all the same.",
        json_schema_extra={"default_text": "none"},
    )
    lease_seconds: int = Field(15, ge=2, le=300, description="How long a dead worker can hold up the others' syncs.")
    poll_seconds: Annotated[float, Field(ge=0.05, le=2)] = Field(
        1, description="How often each worker looks for a newer Serial and for revoked tokens."
    )
    request_max_head_bytes: int = Field(
        64 << 10, ge=4096, le=1 << 20, description="Limit of a request's line and fields together."
    )
    request_max_fields: int = Field(100, ge=10, le=10_000, description="Limit of a request's fields.")
    request_head_seconds: Seconds = Field(10, description="Time limit for line and fields to arrive.")
    request_max_body_bytes: int = Field(1 << 20, ge=1024, description="Limit of a request's body.")
    request_max_anonymous_body_bytes: int = Field(
        4096, ge=0, description="The same, of a request without a good token: a larger one is refused unread."
    )
    request_body_seconds: Seconds = Field(30, description="Time limit for a request's body to arrive.")
    request_max_pending_bytes: int = Field(
        64 << 20, ge=1 << 20, description="Limit of all requests together that are not answered yet, of each worker."
    )
    answer_seconds: Seconds = Field(60, description="Time limit for a client to take what was written to it.")
    keep_alive_seconds: Seconds = Field(
        65, description="How long a connection may wait for its next request. More than a proxy in front waits (60)."
    )
    max_connections: int = Field(
        0,
        ge=0,
        description="Limit of open connections, of each worker; the oldest that waits for its client gives way to a "
        "new one. 0: what the limit of open files leaves room for.",
    )
    max_connections_per_address: int = Field(
        512, ge=1, description="The same, from one address. Behind a proxy that is the proxy's."
    )
    shutdown_seconds: int = Field(10, ge=0, le=300, description="How long a stop waits for answers under way.")
    log_format: Literal["console", "json"] = Field("console", description="How a log line looks.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="The least that is logged.")
    log_summary_seconds: int = Field(
        60, ge=1, le=86400, description="The catalogue's answers are logged as numbers, this often."
    )

    @field_validator("openrouter_base_url")
    @classmethod
    def _check_base_url(cls, value: str) -> str:
        try:
            parts = urlsplit(value)
            is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:  # of a port that is none, among others
            is_address = False
        if not is_address:
            raise ValueError("an http or https address")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("an address without user, password, query and fragment")
        return value.rstrip("/")

    @field_validator("cors_origins")
    @classmethod
    def _check_origins(cls, value: str) -> str:
        return value if value == ANY_ORIGIN else ",".join(map(_origin, filter(None, map(str.strip, value.split(",")))))

    @field_validator("token")
    @classmethod
    def _check_token(cls, value: SecretStr | None) -> SecretStr | None:
        text = value.get_secret_value() if value else None
        if text is not None and (len(text) < MIN_TOKEN_CHARACTERS or not all("!" <= char <= "~" for char in text)):
            raise ValueError(f"at least {MIN_TOKEN_CHARACTERS} printable ASCII characters without spaces")
        return value

    @field_validator("openrouter_api_key")
    @classmethod
    def _check_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not all("!" <= char <= "~" for char in value.get_secret_value()):
            raise ValueError("printable ASCII characters without spaces")
        return value

    @field_validator("database_url")
    @classmethod
    def _check_database_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and value.get_secret_value().startswith(("postgresql://", "postgres://")):
            raise ValueError("an address that begins postgresql+psycopg:// where this one begins postgresql://")
        if value is not None and not value.get_secret_value().startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("an address that begins sqlite:/// or postgresql+psycopg://")
        if value is not None and value.get_secret_value() in ("sqlite:///", "sqlite:///:memory:"):
            raise ValueError("a database that outlives the process, such as sqlite:///path/to/llmanac.db")
        return value

    @model_validator(mode="after")
    def _check_together(self) -> "Settings":
        if self.openrouter_scope is Scope.ACCOUNT and self.openrouter_api_key is None:
            raise ValueError("LLMANAC_OPENROUTER_SCOPE=account needs OPENROUTER_API_KEY")
        return self

    @property
    def database(self) -> str:
        """The database's URL in force, password and all."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.data_dir.expanduser() / 'llmanac.db'}"

    @property
    def origins(self) -> tuple[str, ...]:
        """Each of `cors_origins`."""
        return tuple(filter(None, self.cors_origins.split(",")))


def series_key(settings: Settings) -> SeriesKey:
    """The list that these settings follow."""
    return SeriesKey(SOURCE, settings.openrouter_base_url, settings.openrouter_scope)


def environment_names(field: str) -> tuple[str, ...]:
    """The environment's names for a field, the preferred one first."""
    alias = Settings.model_fields[field].validation_alias
    if isinstance(alias, AliasChoices):
        return tuple(str(choice) for choice in alias.choices)
    return (alias,) if isinstance(alias, str) else (PREFIX + field.upper(),)


SECRETS = tuple(name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation))
"""Fields that are masked wherever they are shown, and that can come from a file (`NAME_FILE`)."""


def secret_values(settings: Settings) -> tuple[str, ...]:
    """What must never reach a log."""
    values = (getattr(settings, name) for name in SECRETS)
    return tuple(value.get_secret_value() for value in values if isinstance(value, SecretStr))


def config_path() -> Path:
    """The settings file: `LLMANAC_CONFIG`, else `llmanac.toml` in the working directory. It need not be there."""
    return Path(os.environ.get("LLMANAC_CONFIG") or "llmanac.toml")
