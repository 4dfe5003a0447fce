"""Who reports what, in the invented city."""

from datetime import date, timedelta
from random import Random
from typing import Any

from app.demo.city import Covering
from app.intake.domain import Draft, GroundLink, Multiplicity
from app.vocabulary.domain import CodeList, Vocabulary

LANGUAGES = {"nl": 7.0, "fr": 1.0, "en": 2.0}
REQUESTS = {"assistance": 45.0, "information": 30.0, "registration": 20.0, "own_initiative": 5.0}
CHANNELS = {
    "web": 30.0,
    "phone": 25.0,
    "desk": 15.0,
    "email": 12.0,
    "letter": 2.0,
    "partner": 8.0,
    "outreach": 5.0,
    "social_media": 3.0,
}
COMMON_GROUNDS = {
    "national_ethnic_origin": 14.0,
    "disability": 10.0,
    "religion_belief": 8.0,
    "skin_colour": 7.0,
    "sex": 6.0,
    "age": 6.0,
    "sexual_orientation": 5.0,
    "wealth": 5.0,
    "health": 4.0,
    "gender_identity": 4.0,
    "language": 4.0,
}
COMMON_DOMAINS = {
    "employment": 12.0,
    "housing": 10.0,
    "goods_services": 8.0,
    "education": 7.0,
    "public_services": 5.0,
    "public_space_society": 5.0,
}


class Reporters:
    """Draws drafts; the same chance gives the same drafts."""

    def __init__(self, city: dict[str, Any], codes: Vocabulary, chance: Random, on: date) -> None:
        def valid(name: CodeList, common: dict[str, float]) -> dict[str, float]:
            entries = codes.entries(name).values()
            return {e.code: common.get(e.code, 1.0) for e in entries if e.is_valid(on)}

        self._city = city
        self._chance = chance
        self._language = Covering(chance, LANGUAGES)
        self._request = Covering(chance, REQUESTS)
        self._channel = Covering(chance, CHANNELS)
        self._ground = Covering(chance, valid(CodeList.GROUNDS, COMMON_GROUNDS))
        self._domain = Covering(chance, valid(CodeList.DOMAINS, COMMON_DOMAINS))
        self._conduct = Covering(
            chance, valid(CodeList.CONDUCTS, {"direct": 8.0, "harassment": 3.0})
        )
        self._role = Covering(
            chance, valid(CodeList.REPORTER_ROLES, {"victim": 12.0, "witness": 3.0})
        )
        self._district: Covering[str] = Covering(chance, city["districts"])
        self._neighbour: Covering[str] = Covering(chance, city["neighbours"])
        self._link = Covering(chance, dict(zip(GroundLink, (8.0, 1.0, 1.0), strict=True)))

    def channel(self) -> str:
        return self._channel.draw()

    def maybe(self, share: float) -> bool:
        return self._chance.random() < share

    def draft(
        self, received_on: date, *, is_rise: bool, channel: str, place: str | None = None
    ) -> Draft:
        """is_rise: belongs to the visible rise, origin in housing in one district.

        place: the municipality where it happened and the reporter lives; None draws both.
        """
        domain = "housing" if is_rise else self._domain.draw()
        language = self._language.draw()
        grounds = self._grounds(is_rise)
        in_town = place is None and (is_rise or self.maybe(0.88))
        district = "Winterslag" if is_rise else self._district.draw() if in_town else None
        kind, name = self._respondent(domain)
        text = self._chance.choice(self._city["narratives"][domain][language])
        where = self._city["municipality"] if in_town else place or self._neighbour.draw()
        narrative = text.format(organisation=name, district=district or where)
        is_anonymous = self.maybe(0.5 if channel == "web" else 0.15)
        occurred = received_on - timedelta(days=int(60 * self._chance.random() ** 3))
        return Draft(
            request=self._request.draw(),
            language=language,
            reporter_role=self._role.draw(),
            is_anonymous=is_anonymous,
            narrative=narrative,
            domain=domain,
            grounds=grounds,
            multiplicity=self._multiplicity(len(grounds)),
            conducts=sorted({self._conduct.draw() for _ in range(self._chance.randint(1, 2))}),
            occurred_from=occurred,
            is_ongoing=self.maybe(0.2),
            reporter_municipality=place or self._home(),
            incident_municipality=where,
            incident_district=district,
            respondent_kind=kind,
            respondent_name=name,
            wishes=self._chance.choice(self._city["wishes"]) if self.maybe(0.5) else None,
            consent_contact=self.maybe(0.9),
            consent_approach_respondent=self.maybe(0.7),
            consent_share_with_partners=self.maybe(0.5),
            consent_statistics=self.maybe(0.96),
            **self._needs(language),
            **({} if is_anonymous else self._identity()),
        )

    def event_draft(self, received_on: date) -> Draft:
        """One of many reports of the same happening."""
        event = self._city["event"]
        return Draft(
            request="registration",
            language="nl",
            reporter_role=self._role.draw(),
            is_anonymous=True,
            narrative=f"{event['title']}. Ik wil dat dit geregistreerd wordt.",
            domain=event["domain"],
            grounds=[(code, GroundLink.OWN) for code in event["grounds"]],
            multiplicity=Multiplicity.CUMULATIVE,
            conducts=["hate_speech"],
            occurred_from=received_on,
            reporter_municipality=self._city["municipality"],
            incident_municipality=self._city["municipality"],
            incident_district=event["district"],
            consent_contact=False,
            consent_approach_respondent=False,
            consent_share_with_partners=False,
            consent_statistics=True,
        )

    def person(self) -> str:
        """An invented name."""
        first = self._chance.choice(self._city["first_names"])
        return f"{first} {self._chance.choice(self._city['last_names'])}"

    def _grounds(self, is_rise: bool) -> list[tuple[str, GroundLink]]:
        number = self._chance.choices((1, 2, 3), (70, 24, 6))[0]
        codes = ["national_ethnic_origin"] if is_rise else [self._ground.draw()]
        while len(codes) < number:
            code = self._ground.draw()
            if code not in codes:
                codes.append(code)
        return [(code, self._link.draw()) for code in codes]

    def _multiplicity(self, grounds: int) -> Multiplicity | None:
        if grounds == 1:
            return Multiplicity.SINGLE
        return self._chance.choice((Multiplicity.CUMULATIVE, Multiplicity.INTERSECTIONAL, None))

    def _respondent(self, domain: str) -> tuple[str, str]:
        by_kind = self._city["organisations"][domain]
        kind = self._chance.choice(list(by_kind))
        return kind, self._chance.choice(by_kind[kind])

    def _home(self) -> str | None:
        if self.maybe(0.12):
            return None
        return str(self._city["municipality"]) if self.maybe(0.85) else self._neighbour.draw()

    def _needs(self, language: str) -> dict[str, Any]:
        needs: dict[str, Any] = {
            "needs_sign_language": self.maybe(0.02),
            "needs_reading_help": self.maybe(0.06),
        }
        if language == "nl" and self.maybe(0.12):
            languages = self._city["interpreter_languages"]
            needs["interpreter_language"] = self._chance.choice(languages)
        if self.maybe(0.08):
            needs["safe_contact"] = "Bel alleen overdag, spreek niets in."
        if self.maybe(0.1):
            needs["traits"] = {"age_band": self._chance.choice(("18-24", "25-44", "45-64", "65+"))}
        return needs

    def _identity(self) -> dict[str, Any]:
        name = self.person()
        return {
            "reporter_name": name,
            "reporter_email": f"melder{self._chance.randrange(10_000)}@example.org",
            "reporter_phone": f"0470 00 {self._chance.randrange(100):02d} "
            f"{self._chance.randrange(100):02d}",
        }
