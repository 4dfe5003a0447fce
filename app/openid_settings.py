"""Settings of the log in at a provider of identities (OpenID Connect); part of `app.settings`."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, TypeAdapter, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode

from app.core.access import Role

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

_GRANTS: TypeAdapter[dict[str, Role | list[Role]]] = TypeAdapter(dict[str, Role | list[Role]])

Words = Annotated[tuple[str, ...], NoDecode]


def is_safe_url(url: str) -> bool:
    """Whether codes and secrets may be sent there: https, or this machine."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port  # raises ValueError when it is no number
    except ValueError:
        return False
    has_login = parts.username is not None or parts.password is not None
    if not host or has_login or parts.fragment or any(c.isspace() for c in url):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)


class OpenIdSettings(BaseSettings):
    """Off while there is no issuer.

    The issuer comes last but one: what it needs beside it must have been looked at by then.
    """

    openid_client_id: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        None, description="what the provider calls the bureau"
    )
    openid_client_secret: SecretStr | None = Field(
        None, min_length=16, description="shared with the provider"
    )
    openid_client_secret_file: Path | None = Field(
        None, description="file that holds this secret instead"
    )
    openid_redirect_url: str | None = Field(
        None,
        max_length=300,
        description="page that the provider sends the browser back to; absent: /openid below the "
        "public address",
    )
    openid_scopes: Words = Field(
        ("openid", "profile"), description="scopes that are asked for, by spaces"
    )
    openid_roles_claim: Annotated[str, Field(min_length=1, max_length=100)] = Field(
        "roles",
        description="claim of the ID token that holds roles or groups; realm_access.roles looks "
        "inside",
    )
    openid_roles: Annotated[Mapping[str, tuple[Role, ...]], NoDecode] = Field(
        {}, description='what a value of it grants: {"handlers": "case_manager"}, one or a list'
    )
    openid_acr_values: Words = Field(
        (), description="acr values that are asked for and count as second factor, by spaces"
    )
    openid_amr_values: Words = Field(
        ("mfa",), description="amr values that count as second factor, by spaces"
    )
    openid_issuer: str | None = Field(
        None,
        max_length=200,
        description="the provider, as it calls itself; absent: no log in by OpenID Connect",
    )
    local_login: bool = Field(
        True,
        validate_default=True,
        description="colleagues may log in with a password that lies here",
    )

    @field_validator("openid_scopes", "openid_acr_values", "openid_amr_values", mode="before")
    @classmethod
    def _words(cls, value: object) -> object:
        return tuple(value.split()) if isinstance(value, str) else value

    @field_validator("openid_scopes")
    @classmethod
    def _asks_for_openid(cls, scopes: tuple[str, ...]) -> tuple[str, ...]:
        if "openid" not in scopes:
            raise ValueError("must hold openid")
        return scopes

    @field_validator("openid_roles", mode="before")
    @classmethod
    def _grants(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            found = _GRANTS.validate_python(json.loads(value))
        except (ValidationError, ValueError):
            raise ValueError(
                'must be JSON such as {"handlers": "case_manager", "heads": ["coordinator"]}; '
                "the roles are " + ", ".join(Role)
            ) from None
        return {
            name: (granted,) if isinstance(granted, Role) else tuple(granted)
            for name, granted in found.items()
        }

    @field_validator("openid_client_secret_file")
    @classmethod
    def _holds_a_secret(cls, file: Path | None) -> Path | None:
        if file is not None and len(_first_line(file)) < 16:
            raise ValueError("must be a readable file with a secret of 16 characters or more")
        return file

    @field_validator("openid_redirect_url")
    @classmethod
    def _safe_page(cls, url: str | None) -> str | None:
        if url is not None and not is_safe_url(url):
            raise ValueError("must be an https address (http only for this machine)")
        return url

    @field_validator("openid_issuer")
    @classmethod
    def _whole(cls, issuer: str | None, others: ValidationInfo) -> str | None:
        if issuer is None:
            return None
        if not is_safe_url(issuer) or "?" in issuer:
            raise ValueError("must be an https address (http only for this machine), without ?")
        has = others.data
        secrets = [has.get("openid_client_secret"), has.get("openid_client_secret_file")]
        if has.get("openid_client_id") is None or secrets.count(None) != 1:
            raise ValueError(
                "needs BUREAU_OPENID_CLIENT_ID, and one of BUREAU_OPENID_CLIENT_SECRET and "
                "BUREAU_OPENID_CLIENT_SECRET_FILE"
            )
        if not has.get("openid_roles"):
            raise ValueError("needs BUREAU_OPENID_ROLES: without it nobody gets in")
        return issuer

    @field_validator("local_login")
    @classmethod
    def _some_way_in(cls, is_on: bool, others: ValidationInfo) -> bool:
        if not is_on and others.data.get("openid_issuer") is None:
            raise ValueError("can be false only beside BUREAU_OPENID_ISSUER: nobody would get in")
        return is_on

    @property
    def openid_secret(self) -> str:
        """The client secret, from wherever it is; read anew, so that the file may change."""
        if self.openid_client_secret is not None:
            return self.openid_client_secret.get_secret_value()
        return _first_line(self.openid_client_secret_file) if self.openid_client_secret_file else ""


def _first_line(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip().partition("\n")[0]
    except (OSError, UnicodeDecodeError):
        return ""
