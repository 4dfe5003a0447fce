"""A wrong setting stops the start and says what to do."""

import pytest

from app.settings import Settings, SettingsError, load_settings


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("BUREAU_DATABASE_URL", "mysql://somewhere/secret-name"),
        ("BUREAU_ACKNOWLEDGE_WORKING_DAYS", "soon"),
        ("BUREAU_SESSION_HOURS", "0"),
        ("BUREAU_SECRET_KEY", "short"),
        ("BUREAU_PUBLIC_URL", "no-scheme.test"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert variable in str(refused.value)
    assert value not in str(refused.value)


def test_the_driver_of_postgresql_is_chosen_for_every_spelling(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for url in ("postgres://h/n", "postgresql://h/n", "postgresql+psycopg://h/n"):
        monkeypatch.setenv("BUREAU_DATABASE_URL", url)
        assert load_settings().database_url == "postgresql+psycopg://h/n"


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"SMTP_URL": "http://mail"}, "BUREAU_SMTP_URL"),
        ({"SMTP_URL": "smtp://"}, "BUREAU_SMTP_URL"),
        ({"SMTP_URL": "smtp://user:hidden@mail", "MAIL_FROM": "a@b.be"}, "in clear"),
        ({"SMTP_URL": "smtps://user:hidden@mail"}, "BUREAU_MAIL_FROM"),
        ({"MAIL_FROM": "nobody"}, "BUREAU_MAIL_FROM"),
        ({"CLAMD": "x"}, "BUREAU_CLAMD"),
        ({"MAX_ATTACHMENT_MEGABYTES": "0"}, "BUREAU_MAX_ATTACHMENT_MEGABYTES"),
    ],
)
def test_wrong_settings_of_mail_and_files_are_named_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], said: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"BUREAU_{name}", value)
    with pytest.raises(SettingsError) as wrong:
        load_settings()
    assert said in str(wrong.value)
    assert "hidden" not in str(wrong.value)


def test_the_public_address_follows_the_port_unless_it_is_set() -> None:
    assert Settings().served_on(9000).token_url == "http://127.0.0.1:9000/api/v1/auth/token"
    named = Settings(public_url="https://bureau.example")
    assert named.served_on(9000).public_url == "https://bureau.example"
