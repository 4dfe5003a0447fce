"""Imports every `models.py`, so that Alembic and the tests see the whole schema."""

# ruff: noqa: F401  (imported so that their tables are known, not to be used here)

import app.activities.bulletin_models
import app.activities.models
import app.annual_report.models
import app.api.models
import app.attachments.models
import app.audit.models
import app.cases.models
import app.identity.factor_models
import app.identity.models
import app.identity.openid_models
import app.identity.partner_models
import app.imports.models
import app.indicators.models
import app.intake.models
import app.notifications.models
import app.partners.models
import app.prevention.models
import app.publications.models
import app.referrals.models
import app.resolutions.models
import app.retention.models
import app.rights.models
import app.signals.models
import app.vocabulary.models
import app.worklist.models
from app.core.models import Base

metadata = Base.metadata
