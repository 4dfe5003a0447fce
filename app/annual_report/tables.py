"""Codes with their labels, as the rows of a table: every valid code has its row, also with 0."""

from collections.abc import Mapping
from datetime import date

from babel import Locale

from app.annual_report.schemas import CaseCodeCount, CodeCount, LanguageCount
from app.vocabulary.domain import CodeList, Language, Vocabulary

NOT_SAID: Mapping[Language, str] = {
    Language.NL: "niet vermeld",
    Language.FR: "non précisé",
    Language.EN: "not said",
}


NO_TIER: Mapping[Language, str] = {
    Language.NL: "geen kring",
    Language.FR: "aucun cercle",
    Language.EN: "no tier",
}


class Tables:
    """Builds the tables in one language, with the codes that were valid in a year."""

    def __init__(self, vocabulary: Vocabulary, language: Language, year: int) -> None:
        self._vocabulary = vocabulary
        self.language = language
        self._first, self._last = date(year, 1, 1), date(year, 12, 31)

    def codes(self, name: CodeList, counts: Mapping[str, int]) -> list[str]:
        """The codes valid in the year or counted in it, in the order of the list."""
        entries = self._vocabulary.entries(name)
        valid = [
            code
            for code, entry in entries.items()
            if code in counts
            or (
                (entry.valid_from is None or entry.valid_from <= self._last)
                and (entry.valid_to is None or entry.valid_to >= self._first)
            )
        ]
        return valid + sorted(counts.keys() - entries.keys())

    def rows(self, name: CodeList, counts: Mapping[str, int]) -> list[tuple[str, str, int]]:
        """(code, label, number)."""
        return [
            (code, self.label(name, code), counts.get(code, 0)) for code in self.codes(name, counts)
        ]

    def reports(self, name: CodeList, counts: Mapping[str, int]) -> list[CodeCount]:
        return [
            CodeCount(code=code, label=label, reports=number)
            for code, label, number in self.rows(name, counts)
        ]

    def reports_or_not_said(self, name: CodeList, counts: Mapping[str, int]) -> list[CodeCount]:
        said = {code: n for code, n in counts.items() if code}
        nobody = CodeCount(code=None, label=NOT_SAID[self.language], reports=counts.get("", 0))
        return [*self.reports(name, said), nobody]

    def cases(self, name: CodeList, counts: Mapping[str, int]) -> list[CaseCodeCount]:
        return [
            CaseCodeCount(code=code, label=label, cases=number)
            for code, label, number in self.rows(name, counts)
        ]

    def languages(self, counts: Mapping[str, int]) -> list[LanguageCount]:
        """The most spoken first; labels of the CLDR."""
        names = Locale(self.language.value).languages
        return [
            LanguageCount(language=code, label=names.get(code, code), reports=number)
            for code, number in sorted(counts.items(), key=lambda row: (-row[1], row[0]))
        ]

    def label(self, name: CodeList, code: str) -> str:
        return self._vocabulary.label(name, code, self.language)
