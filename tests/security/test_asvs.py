"""The table of OWASP ASVS: its numbers, counts and the tests that it names are real."""

import ast
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLE = (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8")
STATES = (
    "met",
    "by the deployment",
    "not met",
    "with the pages",
    "does not apply",
)
LEVELS = {"1": 70, "2": 183}
"""Requirements of ASVS 5.0.0."""

PATH = re.compile(r"`((?:app|tests|docs|deploy|requirements)/[\w./-]*|Dockerfile|compose\.yaml)")
TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


@dataclass(frozen=True)
class Line:
    number: str
    level: str
    words: str
    state: str
    proof: str

    @property
    def order(self) -> list[int]:
        return [int(part) for part in self.number.split(".")]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|\n").split("|")]


LINES = [
    Line(*_cells(line)) for line in TABLE.splitlines() if re.match(r"\| [0-9]+\.[0-9]+\.", line)
]


@cache
def _tests_of(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_requirement_stands_once_in_order_with_a_known_state() -> None:
    orders = [line.order for line in LINES]
    assert orders == sorted(orders)
    assert len({line.number for line in LINES}) == len(LINES)
    assert Counter(line.level for line in LINES) == LEVELS
    assert {line.state for line in LINES} <= set(STATES)
    assert all(line.words and line.proof for line in LINES)


def test_what_a_line_names_is_there() -> None:
    named = 0
    for line in LINES:
        for path in PATH.findall(line.proof):
            assert (ROOT / path).exists(), (line.number, path)
        for path, test in TEST.findall(line.proof):
            assert not test or test in _tests_of(path), (line.number, path, test)
            assert test or any(name.startswith("test_") for name in _tests_of(path)), line.number
            named += 1
    assert named > 100


def test_each_rule_across_fields_names_a_test_that_is_there() -> None:
    text = (ROOT / "docs" / "rules-across-fields.md").read_text(encoding="utf-8")
    rules = [_cells(line) for line in text.splitlines() if line.startswith("| ")][1:]
    assert len(rules) > 25
    for rule in rules:
        found = TEST.findall(rule[-1])
        assert found or rule[-1] == "the same", rule
        for path, test in found:
            assert test in _tests_of(path), (path, test)


@pytest.mark.parametrize("state", STATES)
def test_the_counts_are_those_of_the_lines(state: str) -> None:
    heads, *rows = [
        _cells(line) for line in TABLE.splitlines() if re.match(r"\| (chapter|V[0-9]+|all) ", line)
    ]
    column = heads.index(state)
    chapters = {row[0]: row for row in rows}
    assert len(chapters) == len(rows) == 18
    for name, row in chapters.items():
        its = [line for line in LINES if name == "all" or _is_of(line, name)]
        assert int(row[column]) == sum(line.state == state for line in its), name
        assert int(row[-1]) == len(its), name
        if name != "all":
            said = re.search(rf"## {re.escape(name)}\n\n([0-9]+): (.*)\.\n", TABLE)
            assert said is not None, name
            counts = re.findall(r"([0-9]+) ([a-z ]+)(?:, |$)", said[2])
            assert dict.fromkeys(STATES, "0") | {of: count for count, of in counts} == dict(
                zip(heads[1:-1], row[1:-1], strict=True)
            ), name
            assert said[1] == row[-1], name


def _is_of(line: Line, chapter: str) -> bool:
    return line.number.startswith(f"{chapter.split()[0][1:]}.")
