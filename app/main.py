"""Composition: settings, store, routes. No rules here."""

import asyncio
import gc
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from functools import cache

from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute

import app.model_registry  # noqa: F401  (relationships resolve only when every model is known)
from app.activities import attachment_routes as activity_attachment_routes
from app.activities import bulletin_routes, calendar_routes, calendars, figure_sources
from app.activities import indicator_values as activity_values
from app.activities import queries as activity_queries
from app.activities import routes as activity_routes
from app.annual_report import indicator_values as report_values
from app.annual_report import kept_years
from app.annual_report import partner_routes as partner_figure_routes
from app.annual_report import routes as figure_routes
from app.api import docs, health, openapi, problems
from app.api.acts import Runtime
from app.api.addresses import Pseudonyms, TrustedProxies
from app.api.flood import Challenges, FloodGate
from app.api.headers import SafeHeaders
from app.api.limits import BodyLimit, RequestLimits
from app.api.rate_limits import RateLimits
from app.api.requests import RequestLog
from app.attachments import owners
from app.attachments import routes as attachment_routes
from app.attachments.domain import OwnerKind
from app.attachments.storage import Storage
from app.audit import routes as audit_routes
from app.audit.worker import sealing_in_thread
from app.cases import attachment_routes as case_attachment_routes
from app.cases import bar_routes as case_bar_routes
from app.cases import guards
from app.cases import handling_routes as case_handling_routes
from app.cases import network as case_network
from app.cases import queries as case_queries
from app.cases import routes as case_routes
from app.core.access import Actor, Surface
from app.core.database import Database
from app.core.keys import GivenKeys, KeyFile, MasterKeys
from app.documents.look import read_look
from app.housekeeping import sweep_for_ever
from app.identity import factor_routes as second_factor_routes
from app.identity import invitation_routes as staff_invitation_routes
from app.identity import openid_routes, own_routes, partner_sessions, ports, staff_sessions
from app.identity import partner_routes as partner_login_routes
from app.identity import routes as identity_routes
from app.identity.openid_provider import OpenIdProvider
from app.indicators import calculators
from app.indicators import routes as indicator_routes
from app.intake import attachment_routes as report_attachment_routes
from app.intake import bar_routes as report_bar_routes
from app.intake import dialogue, listeners
from app.intake import network as intake_network
from app.intake import public_routes as public_intake_routes
from app.intake import queries as intake_queries
from app.intake import routes as intake_routes
from app.notifications import periodic
from app.notifications import routes as delivery_routes
from app.notifications import service as notifications
from app.notifications.worker import running_in_thread
from app.partners import access_routes as partner_access_routes
from app.partners import agreement_routes as partner_agreement_routes
from app.partners import attachment_routes as agreement_attachment_routes
from app.partners import facts, load, webhook_routes
from app.partners import indicator_values as partner_values
from app.partners import network_routes as partner_network_routes
from app.partners import queries as partner_queries
from app.partners import routes as partner_routes
from app.partners.facts import Subject
from app.prevention import action_routes as prevention_action_routes
from app.prevention import indicator_values as prevention_values
from app.prevention import queries as prevention_queries
from app.prevention import routes as prevention_routes
from app.publications import document_routes
from app.publications import routes as publication_routes
from app.referrals import partner_routes as partner_referral_routes
from app.referrals import queries as referral_queries
from app.referrals import routes as referral_routes
from app.referrals import service as referrals
from app.resolutions import attachment_routes as negotiation_attachment_routes
from app.resolutions import commitments
from app.resolutions import queries as resolution_queries
from app.resolutions import routes as resolution_routes
from app.retention import queries as retention_queries
from app.retention import routes as retention_routes
from app.retention import schedule as retention_schedule
from app.rights import effect_routes as rights_effect_routes
from app.rights import export_routes as rights_export_routes
from app.rights import queries as rights_queries
from app.rights import routes as rights_routes
from app.settings import Settings, load_settings
from app.signals import comparing_routes as signal_comparing_routes
from app.signals import detection_routes
from app.signals import routes as signal_routes
from app.vocabulary import routes as vocabulary_routes
from app.worklist import digest, digest_routes
from app.worklist import routes as worklist_routes
from app.worklist import service as worklist


def connect_features() -> None:
    """Fill the registries through which a lower feature hears of a higher one."""
    ports.register_partner_activity(partner_queries.is_active_partner)
    ports.register_mailer(notifications.mail)
    guards.register("resolutions", commitments.GUARD)
    listeners.register("referrals", referrals.LISTENER)
    listeners.register_siblings(case_queries.siblings_of)
    calendars.register("worklist", worklist.due_of_person)
    figure_sources.register("reports.total", kept_years.REPORTS_TOTAL)
    figure_sources.register("cases.opened", kept_years.CASES_OPENED)
    figure_sources.register_keeper("kept_years", kept_years.keep_year)
    worklist.register("acknowledgements", intake_queries.due_acknowledgements)
    worklist.register("answers", intake_queries.due_answers)
    worklist.register("case_openings", case_queries.due_case_openings)
    worklist.register("cases", case_queries.due_cases)
    worklist.register("action_points", activity_queries.due_action_points)
    worklist.register("prevention_points", prevention_queries.due_points)
    worklist.register("tasks", case_queries.due_tasks)
    worklist.register("commitments", resolution_queries.due_commitments)
    worklist.register("referral_answers", referral_queries.due_answers)
    worklist.register("referral_results", referral_queries.due_results)
    worklist.register("referral_endings", referral_queries.due_endings)
    owners.register(OwnerKind.REPORT, intake_queries.require_for_files)
    owners.register(OwnerKind.CASE, case_queries.require_for_files)
    owners.register(OwnerKind.NEGOTIATION, resolution_queries.require_for_files)
    owners.register(OwnerKind.PARTNER_AGREEMENT, partner_queries.require_for_files)
    owners.register(OwnerKind.ACTIVITY, activity_queries.require_for_files)
    periodic.register("digests", digest.queue_digests)
    worklist.register("holds", retention_queries.due_holds)
    worklist.register("disposals", retention_queries.due_disposals)
    worklist.register("person_requests", rights_queries.due_requests)
    worklist.register("renewals", partner_queries.due_renewals)
    facts.register(Subject.REPORT, intake_network.match_facts)
    facts.register(Subject.CASE, case_network.match_facts)
    load.register("referrals", referral_queries.load_of)
    for evidence, calculator in {
        **activity_values.CALCULATORS,
        **partner_values.CALCULATORS,
        **prevention_values.CALCULATORS,
        **report_values.CALCULATORS,
    }.items():
        calculators.register(evidence, calculator)


def master_keys(settings: Settings) -> MasterKeys:
    """Those of the environment, else of the file. Raises KeyTroubleError."""
    if settings.master_keys is not None:
        return GivenKeys(settings.master_keys.get_secret_value())
    return KeyFile(settings.master_key_file)


@contextmanager
def _own_loops(database: Database, settings: Settings) -> Iterator[None]:
    """What `bureau worker` does where the settings leave it to that."""
    if settings.deliver != "server":
        yield
        return
    with sealing_in_thread(database, settings), running_in_thread(database, settings):
        yield


@cache
def _routes() -> list[BaseRoute]:
    """Of every application of this process: making them takes longer than most tests."""
    routes = APIRouter(generate_unique_id_function=lambda route: route.name)
    for feature in (
        identity_routes,
        second_factor_routes,
        own_routes,
        staff_invitation_routes,
        openid_routes,
        partner_login_routes,
        audit_routes,
        vocabulary_routes,
        partner_network_routes,  # before partner_routes: /partners/matches names no partner
        partner_routes,
        webhook_routes,
        partner_agreement_routes,
        activity_routes,
        calendar_routes,
        bulletin_routes,
        partner_access_routes,
        public_intake_routes,
        intake_routes,
        report_bar_routes,
        case_routes,
        case_bar_routes,
        case_handling_routes,
        resolution_routes,
        referral_routes,
        partner_referral_routes,
        worklist_routes,
        digest_routes,
        delivery_routes,
        retention_routes,
        rights_routes,
        rights_export_routes,
        rights_effect_routes,
        figure_routes,
        publication_routes,
        document_routes,
        detection_routes,
        signal_comparing_routes,
        signal_routes,
        prevention_routes,
        prevention_action_routes,
        indicator_routes,
        partner_figure_routes,
        attachment_routes,
        report_attachment_routes,
        case_attachment_routes,
        negotiation_attachment_routes,
        agreement_attachment_routes,
        activity_attachment_routes,
    ):
        routes.include_router(feature.router, prefix="/api/v1")
    routes.include_router(report_attachment_routes.public_router, prefix="/api/v1")
    routes.include_router(health.router)
    return routes.routes


def create_app(settings: Settings | None = None) -> FastAPI:
    settings = settings or load_settings()
    database = Database(settings.database_url, master_keys(settings))
    connect_features()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        storage = Storage(settings.attachments_dir)
        sweeping = asyncio.create_task(
            sweep_for_ever(
                database,
                storage,
                retention_schedule.load(settings.retention_schedule),
                settings,
            )
        )
        with _own_loops(database, settings):
            yield
        sweeping.cancel()
        database.close()

    api = FastAPI(
        title="Equal-treatment bureau",
        version="0.1.0",
        description="From report to negotiated resolution to yearly figures.",
        lifespan=lifespan,
        docs_url=None,  # FastAPI's own pages load their scripts from a third party
        redoc_url=None,
        redirect_slashes=False,  # a redirect would go where the Host header says
        routes=_routes(),
    )

    def authenticate_staff(store: Database, token: str, at: datetime) -> Actor | None:
        idle = timedelta(minutes=settings.session_idle_minutes)
        must_have_second_factor = settings.require_second_factor
        return staff_sessions.authenticate(
            store, token, at, idle=idle, must_have_second_factor=must_have_second_factor
        )

    api.state.runtime = Runtime(
        settings=settings,
        database=database,
        authenticators={
            Surface.STAFF: authenticate_staff,
            Surface.PARTNER: partner_sessions.authenticate,
            Surface.PUBLIC: dialogue.authenticate,
        },
    )
    secret = settings.secret_key.get_secret_value() if settings.secret_key else None
    api.state.throttle_key = (secret or secrets.token_hex(32)).encode()
    api.state.look = read_look(settings.look)
    api.state.openid = OpenIdProvider(settings) if settings.openid_issuer else None
    problems.install(api)
    _guard(api, settings, api.state.throttle_key)
    docs.install(api)
    openapi.install(api)
    return api


def served_app(settings: Settings) -> FastAPI:
    """For a process that serves. What is made once is left out of every later search for garbage:
    with it a full search stopped the server for a quarter of a second."""
    api = create_app(settings)
    gc.collect()
    gc.freeze()
    return api


def _guard(api: FastAPI, settings: Settings, secret: bytes) -> None:
    """What a request passes before its route, the last one first."""
    pseudonyms = Pseudonyms(secret)
    api.add_middleware(
        BodyLimit,
        limit=settings.max_body_kilobytes * 1024,
        upload_limit=settings.max_attachment_megabytes * 1024 * 1024,
        seconds=settings.body_seconds,
    )
    api.add_middleware(
        FloodGate,
        reports_per_minute=settings.flood_reports_per_minute,
        challenges=Challenges(secret),
        pseudonyms=pseudonyms,
    )
    api.add_middleware(RequestLimits)
    api.add_middleware(RateLimits, quotas=settings.rate_limits, pseudonyms=pseudonyms)
    api.add_middleware(TrustedProxies, networks=settings.trusted_proxies)
    has_tls = settings.public_url.startswith("https:")
    api.add_middleware(RequestLog, headers=SafeHeaders(has_tls=has_tls))
