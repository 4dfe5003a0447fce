"""A coordinator, an auditor, and a partner with a client."""

from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.access import Role
from tests.makers.identity import make_client
from tests.makers.partners import make_partner_client, new_partner


@pytest.fixture
def worker(application: FastAPI) -> TestClient:
    return make_client(application, Role.COORDINATOR)


@pytest.fixture
def auditor(application: FastAPI) -> TestClient:
    return make_client(application, Role.AUDITOR)


@pytest.fixture
def partner_id(application: FastAPI) -> UUID:
    return new_partner(application)


@pytest.fixture
def partner(application: FastAPI, partner_id: UUID) -> TestClient:
    return make_partner_client(application, partner_id)
