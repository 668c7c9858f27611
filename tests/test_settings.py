"""Settings: which of flag, environment, file and default wins, and what is said of a wrong one."""

from fractions import Fraction
from pathlib import Path

import pytest

from llmanac.errors import SettingsError
from llmanac.settings import SECRETS, Settings, environment_names, secret_values
from llmanac.settings_sources import read_settings, shown

SECRET = "a-secret-of-24-characters"


def write_file(text: str) -> None:
    """The settings file of the working directory, which is the test's own."""
    Path("llmanac.toml").write_text(text, encoding="utf-8")


def refusal() -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        read_settings()
    return caught.value


@pytest.mark.parametrize(
    ("flag", "variable", "file", "value", "origin"),
    [
        (1001, "1002", "1003", 1001, "flag"),
        (None, "1002", "1003", 1002, "LLMANAC_PORT"),
        (None, None, "1003", 1003, "llmanac.toml"),
        (None, "", "1003", 1003, "llmanac.toml"),
        (None, None, None, 8642, "default"),
    ],
    ids=["flag", "environment", "file", "empty variable", "default"],
)
def test_the_strongest_source_wins_and_is_named(
    flag: int | None,
    variable: str | None,
    file: str | None,
    value: int,
    origin: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if variable is not None:
        monkeypatch.setenv("LLMANAC_PORT", variable)
    if file is not None:
        write_file(f"port = {file}\n")
    in_force = read_settings({"port": flag, "host": None})
    assert (in_force.settings.port, in_force.set_by["port"]) == (value, origin)
    assert in_force.set_by["host"] == "default"


def test_every_setting_can_be_set_by_its_environment_name(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {
        "openrouter_api_key": "a-key",
        "openrouter_base_url": "http://127.0.0.1:9/api/v1/",
        "openrouter_scope": "account",
        "token": SECRET,
        "host": "::1",
        "data_dir": "elsewhere",
        "database_url": "sqlite:///other.db",
        "quarantine_min_share": "2/3",
        "offline": "true",
        "bundle": "no",
        "hide_unconfigured": "on",
        "cors_origins": "https://app.example.com",
        "log_format": "json",
        "log_level": "error",
    }
    for field, info in Settings.model_fields.items():
        monkeypatch.setenv(environment_names(field)[0], values.get(field, str(info.default)))
    in_force = read_settings()
    assert [field for field, origin in in_force.set_by.items() if origin == "default"] == []
    assert in_force.unknown == {}
    settings = in_force.settings
    assert settings.openrouter_base_url == "http://127.0.0.1:9/api/v1"
    assert (settings.quarantine_min_share, settings.quarantine_max_reject_share) == (Fraction(2, 3), Fraction(1, 5))
    assert (settings.offline, settings.bundle, settings.hide_unconfigured) == (True, False, True)


def test_the_file_may_state_every_kind_of_value() -> None:
    write_file(
        'openrouter_api_key = "a-key"\nopenrouter_scope = "account"\nquarantine_min_share = 0.25\noffline = true\n'
        'quarantine_hours = 1.5\ndata_dir = "~/almanac"\n'
    )
    settings = read_settings().settings
    assert secret_values(settings) == ("a-key",)
    assert (settings.quarantine_min_share, settings.offline, settings.quarantine_hours) == (Fraction(1, 4), True, 1.5)


def test_the_data_directory_may_begin_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.setenv("LLMANAC_DATA_DIR", "~/almanac")
    assert read_settings().settings.database == "sqlite:////home/somebody/almanac/llmanac.db"


@pytest.mark.parametrize("name", [environment_names(field)[0] for field in SECRETS])
def test_a_secret_comes_from_the_file_that_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    value = "sqlite:///x.db" if name == "LLMANAC_DATABASE_URL" else SECRET
    Path("secret").write_text(f"{value}\n", encoding="utf-8")
    monkeypatch.setenv(f"{name}_FILE", "secret")
    write_file(
        'openrouter_api_key = "of-the-file"\ntoken = "sixteen-characters-too"\ndatabase_url = "sqlite:///y.db"\n'
    )
    in_force = read_settings()
    assert value in secret_values(in_force.settings)
    assert f"{name}_FILE" in in_force.set_by.values()


def test_a_secret_and_its_file_together_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("secret").write_text(SECRET, encoding="utf-8")
    monkeypatch.setenv("LLMANAC_TOKEN", SECRET)
    monkeypatch.setenv("LLMANAC_TOKEN_FILE", "secret")
    assert refusal().message == "LLMANAC_TOKEN and LLMANAC_TOKEN_FILE are both set"


@pytest.mark.parametrize("content", [None, b"", b" \n", b"\xff\xfe"], ids=["missing", "empty", "blank", "no text"])
def test_a_secret_file_without_a_secret_is_an_error(content: bytes | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if content is not None:
        Path("secret").write_bytes(content)
    monkeypatch.setenv("OPENROUTER_API_KEY_FILE", "secret")
    assert refusal().message.startswith("OPENROUTER_API_KEY_FILE: Expected ")


@pytest.mark.parametrize("field", SECRETS)
def test_an_empty_secret_in_the_file_counts_as_not_set(field: str) -> None:
    write_file(f'{field} = ""\n')
    assert getattr(read_settings().settings, field) is None


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("LLMANAC_PORT", "70000", "65535"),
        ("LLMANAC_PORT", "http", "integer"),
        ("LLMANAC_WORKERS", "0", "1"),
        ("LLMANAC_SYNC_INTERVAL_SECONDS", "0.5", "integer"),
        ("LLMANAC_SYNC_TIMEOUT_SECONDS", "inf", "finite number"),
        ("LLMANAC_QUARANTINE_HOURS", "nan", "8760"),
        ("LLMANAC_QUARANTINE_MIN_SHARE", "half", "a share between 0 and 1, such as 0.5 or 1/3"),
        ("LLMANAC_QUARANTINE_MIN_SHARE", "1/0", "a share between 0 and 1, such as 0.5 or 1/3"),
        ("LLMANAC_QUARANTINE_MIN_SHARE", "1.5", "1"),
        ("LLMANAC_OFFLINE", "perhaps", "true or false"),
        ("LLMANAC_LOG_FORMAT", "xml", "'console' or 'json'"),
        ("LLMANAC_OPENROUTER_SCOPE", "mine", "'all' or 'account'"),
        ("OPENROUTER_BASE_URL", "openrouter.ai", "an http or https address"),
        ("OPENROUTER_BASE_URL", "http://127.0.0.1:99999/api/v1", "an http or https address"),
        ("OPENROUTER_BASE_URL", "http://127.0.0.1/?key=1", "an address without user, password, query and fragment"),
    ],
)
def test_a_wrong_value_is_named_with_what_was_seen_and_what_is_allowed(
    name: str, value: str, allowed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    message = refusal().message
    assert message.startswith(f"{name}: Expected ")
    assert allowed in message
    assert message.endswith(f"got {value!r}")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LLMANAC_TOKEN", "tooshort"),
        ("LLMANAC_TOKEN", "with spaces in the middle"),
        ("LLMANAC_TOKEN", "nicht-in-ASCII-größer"),
        ("OPENROUTER_API_KEY", "two words"),
        ("LLMANAC_DATABASE_URL", "mysql://user:swordfish@db/x"),
        ("LLMANAC_DATABASE_URL", "postgresql://user:swordfish@db/x"),
    ],
)
def test_a_wrong_secret_is_not_shown(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    message = refusal().message
    assert message.startswith(f"{name}: Expected ")
    assert message.endswith("got a secret")
    assert value not in message


def test_postgresqls_usual_address_is_told_what_it_should_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMANAC_DATABASE_URL", "postgresql://user@db/x")
    assert "postgresql+psycopg://" in refusal().message


def test_a_password_in_an_address_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENROUTER_BASE_URL", "https://me:swordfish@127.0.0.1/api/v1")
    assert "swordfish" not in refusal().message


def test_all_wrong_values_are_told_at_once_each_with_its_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMANAC_WORKERS", "many")
    write_file("port = -1\n")
    lines = refusal().message.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("LLMANAC_PORT: ")
    assert lines[0].endswith("got -1 (set by llmanac.toml)")
    assert lines[1].startswith("LLMANAC_WORKERS: ")


def test_a_number_is_not_read_from_true_or_false() -> None:
    write_file("port = true\n")
    assert refusal().message.startswith("LLMANAC_PORT: Expected ")


def test_the_accounts_list_needs_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMANAC_OPENROUTER_SCOPE", "account")
    assert refusal().message == "LLMANAC_OPENROUTER_SCOPE=account needs OPENROUTER_API_KEY"


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("LLMANAC_PROT", "LLMANAC_PORT"),
        ("LLMANAC_WORKER", "LLMANAC_WORKERS"),
        ("LLMANAC_OPENROUTER_API_KEY", "OPENROUTER_API_KEY"),
        ("LLMANAC_OPENROUTER_BASE_URL", "OPENROUTER_BASE_URL"),
        ("LLMANAC_ZZZZ", ""),
    ],
)
def test_a_name_that_means_nothing_is_told_with_the_nearest_that_does(
    name: str, near: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "9")
    in_force = read_settings()
    assert in_force.unknown == {name: near}
    assert in_force.settings == Settings.model_validate({"data_dir": in_force.settings.data_dir}, by_name=True)


def test_a_name_in_lower_case_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("llmanac_port", "9")
    assert read_settings().settings.port == 8642


def test_the_commands_own_names_are_no_unknown_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMANAC_SERVER", "http://127.0.0.1:9")
    assert read_settings().unknown == {}


def test_a_key_of_the_file_that_means_nothing_is_an_error() -> None:
    write_file("prot = 1\n")
    problem = refusal()
    assert (problem.message, problem.hint) == ("llmanac.toml: 'prot' is no setting", "Did you mean port?")


@pytest.mark.parametrize("content", [b"port =\n", b"\xff", b"[llmanac]\nport = 1\n"])
def test_a_file_that_is_no_settings_file_is_an_error(content: bytes) -> None:
    Path("llmanac.toml").write_bytes(content)
    assert refusal().message.startswith("llmanac.toml: ")


@pytest.mark.parametrize("kind", ["missing", "directory"])
def test_a_settings_file_that_is_asked_for_must_be_there(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if kind == "directory":
        Path("named.toml").mkdir()
    monkeypatch.setenv("LLMANAC_CONFIG", "named.toml")
    assert "named.toml" in refusal().message


def test_secrets_are_masked_where_values_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMANAC_TOKEN", SECRET)
    settings = read_settings().settings
    assert shown(settings, "token") == "********"
    assert shown(settings, "openrouter_api_key") == ""
    assert SECRET not in repr(settings)


@pytest.mark.parametrize(
    ("given", "origins"),
    [
        ("", ()),
        ("*", ("*",)),
        ("https://app.example.com", ("https://app.example.com",)),
        (" https://App.Example.com:443 ,http://localhost:3000,", ("https://app.example.com", "http://localhost:3000")),
        ("http://localhost:80,https://localhost:80", ("http://localhost", "https://localhost:80")),
        ("http://[::1]:8080,http://10.0.0.7", ("http://[::1]:8080", "http://10.0.0.7")),
    ],
)
def test_origins_are_read_as_browsers_write_them(given: str, origins: tuple[str, ...]) -> None:
    assert Settings.model_validate({"cors_origins": given}, by_name=True).origins == origins


@pytest.mark.parametrize(
    "given",
    [
        "app.example.com", "https://app.example.com/", "https://app.example.com/path", "https://*.example.com", "*,*",
        "https://a.example,*", "null", "ftp://app.example.com", "https://user@app.example.com", "https://b\u00fccher.example",
        "https://app.example.com:99999", "https://app.example.com:", "https://", "https://a.example https://b.example",
    ],
)  # fmt: skip
def test_what_is_no_origin_stops_the_start_with_name_value_and_what_is_allowed(
    given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLMANAC_CORS_ORIGINS", given)
    assert refusal().message == (
        "LLMANAC_CORS_ORIGINS: Expected origins such as https://app.example.com,http://localhost:3000, or * by itself, "
        f"got {given!r}".replace("user@", "…@")
    )
