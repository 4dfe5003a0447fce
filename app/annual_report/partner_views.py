"""What a partner sees of a year, with labels; what is hidden says so."""

from collections.abc import Mapping

from app.annual_report.kept_years import NOT_COUNTED
from app.annual_report.partner_figures import PartnerFigures
from app.annual_report.partner_schemas import (
    CaseNumbers,
    Number,
    NumberRow,
    OwnReferralNumbers,
    PartnerFiguresView,
    ReportNumbers,
)
from app.annual_report.small_counts import ShownTable
from app.vocabulary.domain import CodeList, Language, Vocabulary

NOT_COUNTED_LABEL: Mapping[Language, str] = {
    Language.NL: "dubbele meldingen en wie geen statistiek wil",
    Language.FR: "doublons et personnes qui refusent les statistiques",
    Language.EN: "duplicates and those who declined statistics",
}

NOTES: Mapping[Language, tuple[str, ...]] = {
    Language.NL: (
        "Een getal van 1 tot 4 wordt niet getoond, en ook geen getal waaruit het zou volgen.",
        "Een melding kan meer dan één grond noemen.",
        "Een melding is wat iemand meldt, geen bewezen discriminatie.",
    ),
    Language.FR: (
        "Un nombre de 1 à 4 n'est pas montré, ni un nombre dont il découlerait.",
        "Un signalement peut citer plusieurs critères.",
        "Un signalement est ce qu'une personne rapporte, non une discrimination prouvée.",
    ),
    Language.EN: (
        "A number from 1 to 4 is not shown, nor one from which it would follow.",
        "A report can name more than one ground.",
        "A report is what somebody alleges, not proven discrimination.",
    ),
}


def partner_figures_view(
    found: PartnerFigures, vocabulary: Vocabulary, *, language: Language
) -> PartnerFiguresView:
    def rows(name: CodeList, shown: ShownTable) -> list[NumberRow]:
        return [
            NumberRow(
                code=code or None,
                label=NOT_COUNTED_LABEL[language]
                if code == NOT_COUNTED
                else vocabulary.label(name, code, language),
                count=number,
                suppressed=number is None,
            )
            for code, number in shown.cells.items()
        ]

    return PartnerFiguresView(
        year=found.year,
        as_of=found.as_of,
        language=language,
        notes=list(NOTES[language]),
        reports=ReportNumbers(
            total=_number(found.by_domain.total),
            by_domain=rows(CodeList.DOMAINS, found.by_domain),
            by_ground=rows(CodeList.GROUNDS, found.by_ground),
        ),
        cases_closed=CaseNumbers(
            total=_number(found.by_outcome.total),
            by_outcome=rows(CodeList.OUTCOMES, found.by_outcome),
        ),
        own_referrals=OwnReferralNumbers(
            as_of=found.own.as_of,
            received=_number(found.own.numbers.total),
            answered=_number(found.own.numbers.cells["answered"]),
            median_days_to_answer=found.own.median_days,
        ),
    )


def _number(count: int | None) -> Number:
    return Number(count=count, suppressed=count is None)
