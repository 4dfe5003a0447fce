"""The only reader of the environment."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from app.core.mail_addresses import MAIL_ADDRESS
from app.openid_settings import OpenIdSettings

DEFAULT_DATABASE_URL = "sqlite:///var/bureau.db"

DEFAULT_RATE_LIMITS = {
    "public_write": 30,
    "public_read": 300,
    "login": 30,
    "refused": 120,
    "upload": 60,
    "partner": 600,
    "staff": 1200,
}
"""Requests a minute of one address or one login, by class of route (app/api/rate_limits.py)."""


class SettingsError(Exception):
    """A setting is missing or wrong; the message says which and what to do."""


class Settings(OpenIdSettings):
    """Settings, read from `BUREAU_*` variables or a file `.env`."""

    model_config = SettingsConfigDict(
        env_prefix="BUREAU_", env_file=".env", extra="forbid", hide_input_in_errors=True
    )

    database_url: str = Field(
        DEFAULT_DATABASE_URL,
        description="sqlite:///path/to/file.db or postgresql://user:password@host/name",
    )
    migration_database_url: str | None = Field(
        None,
        description="PostgreSQL: as who owns the tables, for db upgrade, start, restore; "
        "absent: the same as BUREAU_DATABASE_URL",
    )
    municipality: Annotated[str, Field(min_length=1, max_length=100)] = Field(
        "Genk", description="the bureau's own municipality: resident and in-town are told by it"
    )
    disclosure_threshold: Annotated[int, Field(ge=3, le=50)] = Field(
        5, description="the least count of people that published figures show"
    )
    acknowledge_working_days: Annotated[int, Field(ge=1, le=60)] = Field(
        5, description="working days to acknowledge a report"
    )
    answer_working_days: Annotated[int, Field(ge=1, le=250)] = Field(
        30, description="working days to a first answer on the substance"
    )
    case_target_days: Annotated[int, Field(ge=1, le=1000)] = Field(
        180, description="calendar days within which a case should close"
    )
    signals_false_alarms_per_month: Annotated[float, Field(ge=0.1, le=30)] = Field(
        3.0, description="about how many signals a month may be nothing but chance"
    )
    receipt_valid_days: Annotated[int, Field(ge=1, le=3650)] = Field(
        730, description="days a receipt code opens its report"
    )
    receipt_session_minutes: Annotated[int, Field(ge=1, le=240)] = Field(
        30, description="minutes a token obtained with a receipt code lives"
    )
    session_idle_minutes: Annotated[int, Field(ge=1, le=1440)] = Field(
        60, description="minutes without a request after which a staff session ends"
    )
    session_hours: Annotated[int, Field(ge=1, le=72)] = Field(
        10, description="hours after which a staff session ends in any case"
    )
    step_up_minutes: Annotated[int, Field(ge=1, le=240)] = Field(
        10, description="minutes that a proof of who holds a session is good for delicate acts"
    )
    require_second_factor: bool = Field(
        False, description="a session of staff without a second factor can only set one up"
    )
    partner_session_minutes: Annotated[int, Field(ge=1, le=1440)] = Field(
        60, description="minutes a token of a partner's client or person lives"
    )
    invitation_days: Annotated[int, Field(ge=1, le=60)] = Field(
        7, description="days an invitation of a partner's person can be accepted"
    )
    public_url: str = Field(
        "http://127.0.0.1:8000",
        max_length=200,
        description="where others reach this bureau: in links, and as audience of signed logins",
    )
    max_body_kilobytes: Annotated[int, Field(ge=16, le=10_240)] = Field(
        256, description="largest request body; a larger one is refused before it is parsed"
    )
    attachments_dir: Path = Field(
        Path("var/attachments"), description="folder of the attached files"
    )
    max_attachment_megabytes: Annotated[int, Field(ge=1, le=500)] = Field(
        20, description="largest attached file"
    )
    clamd: str | None = Field(
        None,
        pattern=r"^(/.+|[^/]+:[0-9]{1,5})$",
        description="virus scanner: host:port or the path of its socket; absent: no scan",
    )
    deliver: Literal["server", "worker"] = Field(
        "server", description="who sends mail and webhooks: the server, or `bureau worker`"
    )
    smtp_url: SecretStr | None = Field(
        None,
        description="smtp://host:port, smtp+starttls://user:password@host, smtps://...; "
        "absent: mail waits",
    )
    mail_from: str | None = Field(
        None,
        pattern=MAIL_ADDRESS,
        max_length=254,
        validate_default=True,
        description="the address that mail comes from",
    )
    webhook_allow_private: bool = Field(
        False, description="webhooks may go to private addresses and without https"
    )
    webhook_ports: Annotated[tuple[int, ...], NoDecode] = Field(
        (443,), description="ports that addresses of webhooks may name, by commas"
    )
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = Field(
        (), description="networks of the proxies whose X-Forwarded-For is believed, by commas"
    )
    rate_limits: Annotated[dict[str, int], NoDecode] = Field(
        DEFAULT_RATE_LIMITS,
        description="off, or what differs from the defaults, such as staff=2400,login=10",
    )
    flood_reports_per_minute: Annotated[int, Field(ge=1, le=10_000_000)] = Field(
        60, description="public reports a minute above which the form asks for a proof of work"
    )
    body_seconds: Annotated[int, Field(ge=1, le=600)] = Field(
        30, description="seconds within which a request body arrives; a file has ten times as long"
    )
    checkpoints_file: Path | None = Field(
        None,
        description="file that signed checkpoints of the trail are appended to; "
        "absent: beside the store, or var/checkpoints.jsonl",
    )
    checkpoint_key: Path | None = Field(
        None,
        description="PEM file of the key that signs them, made at the first start; "
        "absent: beside the store, or var/checkpoint-key.pem",
    )
    checkpoint_minutes: Annotated[int, Field(ge=1, le=1440)] = Field(
        5, description="minutes between two checkpoints of the trail"
    )
    retention_schedule: Path | None = Field(
        None,
        description="file that says how long what is kept; absent: app/retention/schedule.json",
    )
    look: Path | None = Field(
        None,
        description="file with the name, colours and logo of documents, see docs/documents.md; "
        "absent: neutral",
    )
    log_format: Literal["json", "console"] = Field("json", description="form of the log lines")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="least severe level that is logged"
    )
    master_keys: SecretStr | None = Field(
        None,
        description="master keys that seal personal data, `id:key` with a comma between, the "
        "current one first; absent: those in the file",
    )
    master_key_file: Path = Field(
        Path("var/master.keys"),
        description="file of the master keys, a line each; made at the first start",
    )
    key_backup_days: Annotated[int, Field(ge=1, le=365)] = Field(
        30,
        description="days that archives of data keys are kept; what was disposed of comes back "
        "with them until then",
    )
    secret_key: SecretStr | None = Field(
        None,
        min_length=32,
        description="keys hashes of addresses and signs challenges; made anew at each start "
        "when absent",
    )

    @field_validator("database_url", "migration_database_url")
    @classmethod
    def _known_store(cls, url: str | None) -> str | None:
        if url is None:
            return None
        if url.startswith("postgres://"):
            url = "postgresql://" + url.removeprefix("postgres://")
        if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            raise ValueError("must start with sqlite:/// or postgresql://")
        return url.replace("postgresql://", "postgresql+psycopg://", 1)

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())
        except ValueError:
            raise ValueError("must be networks by commas, such as 172.16.0.0/12") from None

    @field_validator("webhook_ports", mode="before")
    @classmethod
    def _ports(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        parts = [part.strip() for part in value.split(",") if part.strip()]
        if not all(re.fullmatch("[1-9][0-9]{0,4}", part) and int(part) <= 65_535 for part in parts):
            raise ValueError("must be ports by commas, such as 443,8443")
        return tuple(int(part) for part in parts)

    @field_validator("rate_limits", mode="before")
    @classmethod
    def _rates(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        if value.strip() == "off":
            return {}
        found = dict(DEFAULT_RATE_LIMITS)
        for part in filter(None, (part.strip() for part in value.split(","))):
            name, _, number = part.partition("=")
            if name not in found or not re.fullmatch("[1-9][0-9]{0,8}", number):
                raise ValueError(
                    "must be off, or class=requests a minute, by commas; the classes are "
                    + ", ".join(found)
                )
            found[name] = int(number)
        return found

    @field_validator("smtp_url")
    @classmethod
    def _known_mail_server(cls, url: SecretStr | None) -> SecretStr | None:
        if url is None:
            return None
        try:
            parts = urlsplit(url.get_secret_value())
            is_whole = bool(parts.hostname) and parts.port != 0
        except ValueError:
            is_whole = False
        if not is_whole or parts.scheme not in ("smtp", "smtp+starttls", "smtps"):
            raise ValueError("must be smtp://, smtp+starttls:// or smtps://, then host:port")
        if parts.password and parts.scheme == "smtp":
            raise ValueError("a password must not travel in clear: use smtp+starttls or smtps")
        return url

    @field_validator("mail_from")
    @classmethod
    def _mail_has_a_sender(cls, address: str | None, others: ValidationInfo) -> str | None:
        if address is None and others.data.get("smtp_url") is not None:
            raise ValueError("is needed beside BUREAU_SMTP_URL: the address that mail comes from")
        return address

    @field_validator("public_url")
    @classmethod
    def _whole_url(cls, url: str) -> str:
        if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", url):
            raise ValueError("must be a whole address, such as https://bureau.example")
        return url.rstrip("/")

    def served_on(self, port: int) -> "Settings":
        """With the address of this port as the public one, unless one is set."""
        if "public_url" in self.model_fields_set:
            return self
        return self.model_copy(update={"public_url": f"http://127.0.0.1:{port}"})

    @property
    def origin(self) -> str:
        """Of the pages: where passkeys may be used from."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def relying_party_id(self) -> str:
        """The host that passkeys belong to."""
        return urlsplit(self.public_url).hostname or ""

    @property
    def token_url(self) -> str:
        """The audience that a signed login names."""
        return f"{self.public_url}/api/v1/auth/token"

    @property
    def openid_page(self) -> str:
        """Where the provider sends the browser back to."""
        return self.openid_redirect_url or f"{self.public_url}/openid"

    @property
    def owner_url(self) -> str:
        """The store, as who may change its schema."""
        return self.migration_database_url or self.database_url

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def sqlite_path(self) -> Path | None:
        """File of the embedded store; None on PostgreSQL."""
        return Path(self.database_url.removeprefix("sqlite:///")) if self.is_sqlite else None

    @property
    def checkpoints_path(self) -> Path:
        return self.checkpoints_file or self._beside_store("checkpoints.jsonl")

    @property
    def checkpoint_key_path(self) -> Path:
        return self.checkpoint_key or self._beside_store("checkpoint-key.pem")

    def _beside_store(self, name: str) -> Path:
        """Named after the store: two stores in one folder must not share it."""
        store = self.sqlite_path
        return store.with_name(f"{store.stem}.{name}") if store else Path("var") / name


def load_settings() -> Settings:
    """Settings from the environment.

    Raises SettingsError with one sentence per wrong setting, never the value itself.
    """
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            f"BUREAU_{'_'.join(str(part) for part in problem['loc']).upper()}: "
            f"{problem['msg'].removeprefix('Value error, ')}"
            for problem in error.errors(include_input=False, include_url=False)
        ]
        raise SettingsError(
            "The settings are not usable. Correct these variables (in the environment or in .env) "
            "and start again:\n  " + "\n  ".join(lines)
        ) from None
