"""A tagged PDF read as one who does not see it does: by its structure, not by its picture."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pikepdf

Element = Any
"""A dictionary of the structure tree; pikepdf's objects have no narrower types."""
Words = dict[tuple[int, int], str]
"""Text of each marked sequence: (page, its number) -> text."""

_PAINTS = {"Tj", "TJ", "'", '"', "S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "Do", "sh"}


def opened(content: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(content))


def elements(pdf: pikepdf.Pdf) -> Iterator[Element]:
    """Every element of the structure, in reading order."""
    yield from _below(pdf.Root.StructTreeRoot.K)


def _below(kids: Element) -> Iterator[Element]:
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            if "/K" in kid:
                yield from _below(kid.K)


def named(element: Element, name: str) -> list[Element]:
    """The elements of a kind below this one."""
    return [one for one in _below(element.K) if str(one.S) == f"/{name}"]


def text_of(element: Element, words: Words, pages: dict[Any, int]) -> str:
    return "".join(_texts(element, words, pages))


def _texts(element: Element, words: Words, pages: dict[Any, int]) -> Iterator[str]:
    kids = element.get("/K", pikepdf.Array())
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield from _texts(kid, words, pages)
        elif isinstance(kid, pikepdf.Dictionary) and "/MCID" in kid:
            yield words[pages[kid.get("/Pg", element.get("/Pg")).objgen], int(kid.MCID)]
        elif isinstance(kid, int):
            yield words[pages[element.Pg.objgen], kid]


def page_numbers(pdf: pikepdf.Pdf) -> dict[Any, int]:
    return {page.obj.objgen: at for at, page in enumerate(pdf.pages)}


def marked_texts(pdf: pikepdf.Pdf) -> Words:
    found: Words = {}
    for at, page in enumerate(pdf.pages):
        for mark, text in _page_texts(page):
            found[at, mark] = found.get((at, mark), "") + text
    return found


def _page_texts(page: pikepdf.Page) -> Iterator[tuple[int, str]]:
    fonts = {str(name): _letters(font) for name, font in page.resources.get("/Font", {}).items()}
    marks: list[int | None] = []
    letters: dict[int, str] = {}
    for instruction in pikepdf.parse_content_stream(page):
        operands: Any = instruction.operands
        operator = str(instruction.operator)
        match operator:
            case "BDC":
                is_told = isinstance(operands[1], pikepdf.Dictionary) and "/MCID" in operands[1]
                marks.append(int(operands[1].MCID) if is_told else None)
            case "BMC":
                marks.append(None)
            case "EMC":
                marks.pop()
            case "Tf":
                letters = fonts[str(operands[0])]
            case "Tj" | "TJ":
                parts = operands[0] if operator == "TJ" else [operands[0]]
                mark = next((one for one in reversed(marks) if one is not None), None)
                if mark is not None:
                    strings = (bytes(one) for one in parts if isinstance(one, pikepdf.String))
                    yield mark, "".join(_decoded(one, letters) for one in strings)


def _decoded(codes: bytes, letters: dict[int, str]) -> str:
    pairs = range(0, len(codes), 2)
    return "".join(letters[int.from_bytes(codes[at : at + 2], "big")] for at in pairs)


def _letters(font: Element) -> dict[int, str]:
    """Letters of the codes of a font, from its table to Unicode."""
    table = bytes(font.ToUnicode.read_bytes()).decode("latin-1")
    found = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        for code, text in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            found[int(code, 16)] = bytes.fromhex(text).decode("utf-16-be")
    for block in re.findall(r"beginbfrange(.*?)endbfrange", table, re.DOTALL):
        for first, last, text in re.findall(r"<(\w+)>\s*<(\w+)>\s*<(\w+)>", block):
            start = int.from_bytes(bytes.fromhex(text), "big")
            for step in range(int(last, 16) - int(first, 16) + 1):
                found[int(first, 16) + step] = chr(start + step)
    return found


def unmarked_paints(page: pikepdf.Page) -> list[str]:
    """Operators that paint outside of every mark, neither content nor ornament."""
    depth, found = 0, []
    for instruction in pikepdf.parse_content_stream(page):
        name = str(instruction.operator)
        depth += {"BDC": 1, "BMC": 1, "EMC": -1}.get(name, 0)
        if name in _PAINTS and depth == 0:
            found.append(name)
    return found


def fonts(pdf: pikepdf.Pdf) -> list[Element]:
    """Every font of pages and of pictures inside them."""
    return [one for one in pdf.objects if _is(one, "/Font") and one.Subtype == "/Type0"]


def _is(one: Any, kind: str) -> bool:
    return isinstance(one, pikepdf.Dictionary) and one.get("/Type") == kind
