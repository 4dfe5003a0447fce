"""Imports every `models.py`, so that Alembic and the tests see the whole schema."""

import app.api.models
import app.audit.models
import app.identity.models  # noqa: F401
from app.core.models import Base

metadata = Base.metadata
