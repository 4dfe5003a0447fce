"""Where the bureau works, on which days, and who is competent elsewhere."""

from datetime import date, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from app.core.access import Role
from app.core.database import Database
from app.partners import competence, service
from app.partners.domain import Area, AreaSource, Ground, locate, route_outside
from app.partners.regions import region_of
from app.vocabulary import queries as vocabulary
from app.vocabulary.domain import CodeList
from tests.makers.identity import make_client
from tests.makers.intake import report_body
from tests.makers.partners import add_agreement, add_partner, change, wrong_fields
from tests.makers.tour import V1, done

BOTH = ("BE-FED", "BE-VL")


@pytest.fixture
def worker(application: FastAPI) -> TestClient:
    return make_client(application, Role.COORDINATOR)


def _extend(worker: TestClient, *places: str, **terms: Any) -> dict[str, Any]:
    partner = add_partner(worker, "Gemeente As", kind="municipality")
    body = {"kind": "service_area", "territory": list(places)} | terms
    made: dict[str, Any] = add_agreement(worker, partner["id"], **body)
    return made


def _report(worker: TestClient, received_on: str, **incident: Any) -> Any:
    body = report_body(channel="phone", received_at=f"{received_on}T10:00:00Z")
    body["incident"] |= {"municipality": "Genk", "district": None} | incident
    return done(worker.post(f"{V1}/reports", json=body), 201)["service_area"]


def test_an_agreement_extends_the_area_on_exactly_its_days(worker: TestClient) -> None:
    made = _extend(worker, "Zutendaal", valid_from="2026-07-01", valid_to="2026-08-31")
    for day, is_inside in (
        ("2026-06-30", False),
        ("2026-07-01", True),
        ("2026-08-31", True),
        ("2026-09-01", False),
    ):
        found = _report(worker, day, municipality="zutendáál")
        assert found["in_area"] is is_inside, day
        assert found["by"] == ("agreement" if is_inside else None)
        assert found["agreement_id"] == (made["id"] if is_inside else None)
        assert bool(found["competent"]) is not is_inside
        area = done(worker.get(f"{V1}/service-area", params={"on": day}))
        places = [
            (row["municipality"], source["source"])
            for row in area["municipalities"]
            for source in row["sources"]
        ]
        assert places == [("Genk", "own")] + [("Zutendaal", "agreement")] * is_inside


def test_an_agreement_of_another_kind_extends_nothing(worker: TestClient) -> None:
    partner = add_partner(worker)
    add_agreement(worker, partner["id"], territory=["As"], valid_from="2020-01-01")
    area = done(worker.get(f"{V1}/service-area"))
    assert [row["municipality"] for row in area["municipalities"]] == ["Genk"]


def test_an_agreement_counts_from_its_first_day_until_its_partner_ends(
    worker: TestClient,
) -> None:
    partner = add_partner(
        worker,
        "Gemeente As",
        kind="municipality",
        active_from="2026-03-01",
        active_to="2026-08-31",
    )
    add_agreement(
        worker,
        partner["id"],
        kind="service_area",
        territory=["As"],
        valid_from="2026-01-01",
        valid_to="2026-12-31",
    )
    for day, is_inside in (
        ("2026-01-05", True),
        ("2026-02-28", True),
        ("2026-08-31", True),
        ("2026-09-01", False),
    ):
        assert _report(worker, day, municipality="As")["in_area"] is is_inside, day
    found = done(worker.get(f"{V1}/annual-reports/2026"))["figures"]["network"]["service_area"]
    assert (found["inside"], found["outside"]) == (3, 1)
    [row] = done(worker.get(f"{V1}/service-area", params={"on": "2026-03-01"}))["municipalities"][
        1:
    ]
    [source] = row["sources"]
    assert (source["valid_from"], source["valid_to"]) == ("2026-01-01", "2026-08-31")


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "is_refused"),
    [
        ("2026-09-01", None, True),
        ("2026-01-01", "2026-02-28", False),
        ("2026-08-31", None, False),
        ("2026-01-01", "2026-03-01", False),
    ],
)
def test_an_agreement_that_begins_after_its_partner_has_ended_is_refused(
    worker: TestClient, valid_from: str, valid_to: str | None, is_refused: bool
) -> None:
    partner = add_partner(worker, active_from="2026-03-01", active_to="2026-08-31")
    days = {"valid_from": valid_from, "valid_to": valid_to}
    url = f"{V1}/partners/{partner['id']}/agreements"
    answer = worker.post(url, json={"kind": "cooperation"} | days)
    kept = add_agreement(worker, partner["id"], valid_from="2026-04-01")
    changed = change(worker, f"partner-agreements/{kept['id']}", days)
    if is_refused:
        assert wrong_fields(answer) == {"/valid_from": "partner_not_active"}
        assert wrong_fields(changed) == {"/valid_from": "partner_not_active"}
    else:
        assert (answer.status_code, changed.status_code) == (201, 200)


def test_a_place_that_two_agreements_name_is_listed_once(worker: TestClient) -> None:
    made = [
        add_agreement(
            worker,
            add_partner(worker, name, kind="municipality")["id"],
            kind="service_area",
            territory=[place],
            valid_from=valid_from,
        )["id"]
        for name, place, valid_from in (
            ("Gemeente As", "As", "2026-10-01"),
            ("Politiezone", "às", "2026-11-01"),
            ("Stad", "GENK", "2026-11-01"),
        )
    ]
    area = done(worker.get(f"{V1}/service-area", params={"on": "2026-12-01"}))["municipalities"]
    assert [row["municipality"] for row in area] == ["Genk", "As"]
    genk, as_ = ([source["agreement_id"] for source in row["sources"]] for row in area)
    assert (genk, as_) == ([None, made[2]], made[:2])


def test_where_it_happened_counts_before_where_the_reporter_lives(worker: TestClient) -> None:
    assert _report(worker, "2026-07-01", municipality="GENK")["by"] == "own"
    assert _report(worker, "2026-07-01", municipality="Hasselt")["in_area"] is False
    assert _report(worker, "2026-07-01", municipality=None)["by"] == "own"
    body = report_body(channel="phone")
    body["incident"] |= {"municipality": None, "district": None}
    body["reporter"] |= {"municipality": None}
    unknown = done(worker.post(f"{V1}/reports", json=body), 201)["service_area"]
    assert unknown == {"in_area": None, "by": None, "agreement_id": None, "competent": []}


def test_a_report_from_elsewhere_says_who_is_competent(worker: TestClient) -> None:
    competent = _report(worker, "2026-07-01", municipality="Hasselt")["competent"]
    assert [(body["code"], body["reason"]) for body in competent] == [
        ("local_contact_point", "other_municipality"),
        ("unia", "federal_ground"),
        ("vmri", "flemish_matter"),
    ]
    assert competent[1]["grounds"] == ["national_ethnic_origin"]
    assert set(competent[0]["labels"]) == {"nl", "fr", "en"}


@pytest.mark.parametrize(
    ("ground", "domain", "on", "expected"),
    [  # in Flanders
        (Ground("age", ["age"], BOTH), "housing", "2026-01-01", ["unia", "vmri"]),
        (Ground("sex", ["sex"], BOTH), "employment", "2026-01-01", ["igvm", "vmri"]),
        (Ground("adoption", ["adoption", "sex"], BOTH), "other", "2026-01-01", ["igvm", "vmri"]),
        (Ground("language", ["language"], BOTH), "housing", "2026-01-01", ["nobody", "vmri"]),
        (Ground("language", ["language"], BOTH), "police_justice", "2026-01-01", ["nobody"]),
        (Ground("age", ["age"], BOTH), "police_justice", "2026-01-01", ["unia"]),
        (Ground("age", ["age"], BOTH), "education", "2026-01-01", ["vmri"]),
        (Ground("age", ["age"], BOTH), "education", "2023-03-14", ["unia"]),
        (Ground("age", ["age"], BOTH), "education", "2010-01-01", []),
        (Ground("social_position", [], ["BE-VL"]), "housing", "2026-01-01", ["vmri"]),
        (Ground("household_composition", [], ["BE-WAL"]), "housing", "2026-01-01", []),
        (Ground("unknown", ["unknown"], []), "housing", "2026-01-01", []),
    ],
)
def test_who_is_competent_follows_ground_domain_and_day(
    ground: Ground, domain: str, on: str, expected: list[str]
) -> None:
    found = route_outside(
        competence.table(),
        grounds=[ground],
        domain=domain,
        on=date.fromisoformat(on),
        region="BE-VL",
    )
    assert [body.code for body in found] == ["local_contact_point", *expected]


FEDERAL, REGIONAL = ("unia", "federal_ground"), ("unia", "regional_matter")
SEX = [("igvm", "federal_sex"), ("igvm", "regional_sex")]


@pytest.mark.parametrize(
    ("place", "ground", "domain", "expected"),
    [
        ("Liège", "age", "housing", [FEDERAL, REGIONAL]),
        ("Charleroi", "age", "education", [REGIONAL]),
        ("4000 Onbekend", "age", "police_justice", [FEDERAL]),
        ("Schaarbeek", "sex", "housing", SEX),
        ("Namur", "household_composition", "housing", [("unia", "walloon_ground")]),
        ("Hasselt", "age", "housing", [FEDERAL, ("vmri", "flemish_matter")]),
        ("8500 Kortrijk", "sex", "education", [("vmri", "flemish_matter")]),
    ],
)
def test_who_is_competent_follows_the_region_of_the_place(
    worker: TestClient, place: str, ground: str, domain: str, expected: list[tuple[str, str]]
) -> None:
    body = report_body(channel="phone", grounds=[{"code": ground}])
    body["incident"] |= {"municipality": place, "district": None, "domain": domain}
    area = done(worker.post(f"{V1}/reports", json=body), 201)["service_area"]
    found = [(body["code"], body["reason"]) for body in area["competent"]]
    assert found == [("local_contact_point", "other_municipality"), *expected]
    assert all(body["only_in"] == [] for body in area["competent"])


def test_an_unknown_region_names_every_candidate_with_its_condition(worker: TestClient) -> None:
    for place in ("Saint-Nicolas", "Nergens", "3600 Liège"):
        competent = _report(worker, "2026-07-01", municipality=place)["competent"]
        assert [(body["code"], body["only_in"]) for body in competent] == [
            ("local_contact_point", []),
            ("unia", []),
            ("vmri", ["BE-VL"]),
            ("unia", ["BE-WAL", "BE-BRU"]),
        ], place


@pytest.mark.parametrize(
    ("place", "address", "region"),
    [
        ("GENK", None, "BE-VL"),
        ("Sint Truiden", None, "BE-VL"),
        ("Braine l\u2019Alleud", None, "BE-WAL"),
        ("ecaussinnes", None, "BE-WAL"),
        ("1000", None, "BE-BRU"),
        ("1300", None, "BE-WAL"),
        ("1500", None, "BE-VL"),
        ("3999", None, "BE-VL"),
        ("7999", None, "BE-WAL"),
        ("8000", None, "BE-VL"),
        ("Sambreville-Auvelais", "Rue Fictive 3, 5060 Auvelais", "BE-WAL"),
        ("Saint-Nicolas", "Rue Fictive 3, 4420 Saint-Nicolas", "BE-WAL"),
        ("Dorp", "Straat 1200, 3600 Dorp", None),
        ("Maastricht", "Straat 3, 6211 AB Maastricht", None),
        ("Maastricht", None, None),
        ("", None, None),
    ],
)
def test_the_region_is_told_by_name_and_postal_code(
    place: str, address: str | None, region: str | None
) -> None:
    assert region_of(place, address) == region


def test_every_statutory_ground_has_an_answer_in_every_domain(database: Database) -> None:
    with database.snapshot() as session:
        codes = vocabulary.current(session)
    walked = 0
    for code, entry in codes.entries(CodeList.GROUNDS).items():
        regimes = entry.attributes["legal_regimes"]
        ground = Ground(code, codes.lineage(CodeList.GROUNDS, code), regimes)
        for domain in codes.entries(CodeList.DOMAINS):
            matters = competence.table().matters.get(domain, regimes)
            found = route_outside(
                competence.table(),
                grounds=[ground],
                domain=domain,
                on=date(2026, 1, 1),
                region=None,
            )
            is_regional = "BE-FED" in regimes and {"BE-WAL", "BE-BRU"} & set(matters)
            is_answered = bool(set(matters) & set(regimes) or is_regional)
            assert (len(found) > 1) is is_answered, (code, domain)
            walked += 1
    assert walked > 400


FIRST = date(2026, 1, 1)
OFFSETS = st.integers(0, 60)
AREAS = st.lists(
    st.builds(
        lambda place, start, length: Area(
            place,
            AreaSource.AGREEMENT,
            valid_from=FIRST + timedelta(days=start),
            valid_to=None if length is None else FIRST + timedelta(days=start + length),
        ),
        st.sampled_from(["As", "Bilzen"]),
        OFFSETS,
        st.none() | OFFSETS,
    ),
    max_size=6,
)


@given(AREAS, OFFSETS)
def test_a_place_lies_inside_when_one_of_its_agreements_holds(
    areas: list[Area], offset: int
) -> None:
    day = FIRST + timedelta(days=offset)
    holds = any(
        a.municipality == "As"
        and a.valid_from is not None
        and a.valid_from <= day
        and (a.valid_to is None or day <= a.valid_to)
        for a in areas
    )
    assert (locate(areas, "ÀS", on=day) is not None) is holds


def test_a_period_shows_every_stretch_that_touches_it(
    worker: TestClient, database: Database
) -> None:
    _extend(worker, "As", "Bilzen", valid_from="2026-07-01", valid_to="2026-12-31")
    with database.snapshot() as session:
        for first, last, places in (
            (date(2026, 1, 1), date(2026, 6, 30), ["genk"]),
            (date(2026, 1, 1), date(2026, 7, 1), ["genk", "as", "bilzen"]),
            (date(2026, 12, 31), date(2027, 12, 31), ["genk", "as", "bilzen"]),
            (date(2027, 1, 1), date(2027, 12, 31), ["genk"]),
        ):
            areas = service.areas_between(session, first, last, own="Genk")
            assert [area.folded for area in areas] == places
        areas = service.areas_between(session, date(2026, 1, 1), date(2026, 12, 31), own="Genk")
    assert areas[1].valid_from == date(2026, 7, 1)
    assert locate(areas, "As", on=date(2026, 6, 30)) is None
    assert locate(areas, "As", on=date(2026, 7, 1)) == areas[1]
