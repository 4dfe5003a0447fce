"""Settings of the log in at a provider: what is wrong stops the start, and no secret is shown."""

from pathlib import Path

import pytest

from app.core.access import Role
from app.openid_settings import is_safe_url
from app.settings import Settings, SettingsError, load_settings

RIGHT = {
    "OPENID_ISSUER": "https://provider.example/realm",
    "OPENID_CLIENT_ID": "bureau",
    "OPENID_CLIENT_SECRET": "hidden-hidden-hidden",
    "OPENID_ROLES": '{"handlers": "case_manager", "heads": ["coordinator", "analyst"]}',
}


def _load(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(f"BUREAU_{name}", value)
    return load_settings()


def test_what_the_provider_needs_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    more = {
        "OPENID_SCOPES": "openid groups",
        "OPENID_ACR_VALUES": "urn:a urn:b",
        "LOCAL_LOGIN": "false",
        "PUBLIC_URL": "https://bureau.example",
    }
    found = _load(monkeypatch, RIGHT | more)
    assert found.openid_roles == {
        "handlers": (Role.CASE_MANAGER,),
        "heads": (Role.COORDINATOR, Role.ANALYST),
    }
    assert (found.openid_scopes, found.openid_acr_values) == (
        ("openid", "groups"),
        ("urn:a", "urn:b"),
    )
    assert found.openid_amr_values == ("mfa",)
    assert found.openid_secret == RIGHT["OPENID_CLIENT_SECRET"]
    assert found.openid_page == "https://bureau.example/openid"
    assert found.local_login is False


def test_without_an_issuer_it_is_off() -> None:
    assert Settings().openid_issuer is None
    assert Settings().local_login is True


def test_the_secret_may_lie_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("in-a-file-in-a-file\n", encoding="utf-8")
    variables = {k: v for k, v in RIGHT.items() if k != "OPENID_CLIENT_SECRET"}
    found = _load(monkeypatch, variables | {"OPENID_CLIENT_SECRET_FILE": str(file)})
    assert found.openid_secret == "in-a-file-in-a-file"
    file.write_text("another-in-the-file", encoding="utf-8")
    assert found.openid_secret == "another-in-the-file"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"OPENID_ISSUER": "http://provider.example"}, "BUREAU_OPENID_ISSUER"),
        ({"OPENID_ISSUER": "https://provider.example/?x"}, "BUREAU_OPENID_ISSUER"),
        ({"OPENID_CLIENT_ID": None}, "BUREAU_OPENID_ISSUER: needs BUREAU_OPENID_CLIENT_ID"),
        ({"OPENID_CLIENT_SECRET": None}, "one of BUREAU_OPENID_CLIENT_SECRET and"),
        ({"OPENID_CLIENT_SECRET": "hidden"}, "BUREAU_OPENID_CLIENT_SECRET"),
        ({"OPENID_CLIENT_SECRET_FILE": "/no/such/hidden"}, "BUREAU_OPENID_CLIENT_SECRET_FILE"),
        ({"OPENID_ROLES": None}, "needs BUREAU_OPENID_ROLES"),
        ({"OPENID_ROLES": "handlers=case_manager"}, "BUREAU_OPENID_ROLES"),
        ({"OPENID_ROLES": '{"hidden": "king"}'}, "intake_worker"),
        ({"OPENID_ROLES": '["hidden"]'}, "BUREAU_OPENID_ROLES"),
        ({"OPENID_SCOPES": "profile"}, "BUREAU_OPENID_SCOPES"),
        ({"OPENID_REDIRECT_URL": "http://bureau.example"}, "BUREAU_OPENID_REDIRECT_URL"),
        ({"OPENID_ISSUER": None, "LOCAL_LOGIN": "false"}, "BUREAU_LOCAL_LOGIN"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named_and_no_secret_shown(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, str | None], said: str
) -> None:
    variables = {k: v for k, v in (RIGHT | changed).items() if v is not None}
    with pytest.raises(SettingsError) as wrong:
        _load(monkeypatch, variables)
    assert said in str(wrong.value)
    assert "hidden" not in str(wrong.value)


@pytest.mark.parametrize(
    ("url", "is_safe"),
    [
        ("https://provider.example/a", True),
        ("http://127.0.0.1:9000", True),
        ("http://[::1]:9000/a", True),
        ("http://localhost/", True),
        ("http://localhost.example/", False),
        ("http://127.0.0.1.example/", False),
        ("http://127.0.0.1@provider.example/", False),
        ("https://user:secret@provider.example/", False),
        ("https://provider.example/#a", False),
        ("https://provider.example:port/", False),
        ("https://provider.example/a b", False),
        ("https://", False),
        ("ftp://127.0.0.1/", False),
        ("javascript:alert(1)", False),
        ("", False),
    ],
)
def test_codes_and_secrets_go_over_tls_or_stay_on_this_machine(url: str, *, is_safe: bool) -> None:
    assert is_safe_url(url) is is_safe
