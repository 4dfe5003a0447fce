"""Matplotlib's SVG made fit to stand inside a page: no style sheet, no style attributes, own ids.

A page with a strict policy on styles shows it, and two of them on one page do not meddle.
"""

import re
from xml.etree import ElementTree

SVG = "http://www.w3.org/2000/svg"
XLINK = "{http://www.w3.org/1999/xlink}href"
_REFERENCE = re.compile(r"#([A-Za-z0-9_.-]+)")

ElementTree.register_namespace("", SVG)
ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")


def standing_inside(drawn: str, prefix: str, family: str) -> str:
    """prefix: of the ids. family: CSS list of fonts for the texts. Width and height are left to who
    shows it."""
    root = ElementTree.fromstring(drawn)  # noqa: S314  (written by Matplotlib just before)
    for parent in root.iter():
        for child in list(parent):
            if child.tag in (f"{{{SVG}}}metadata", f"{{{SVG}}}style"):
                parent.remove(child)
    referred = {
        found
        for element in root.iter()
        for name, value in element.attrib.items()
        if name != "id"
        for found in _REFERENCE.findall(value)
    }
    for element in root.iter():
        _spell_out(element, family)
        if "id" in element.attrib and element.attrib["id"] not in referred:
            del element.attrib["id"]
        for name, value in element.attrib.items():
            if name == "id":
                element.attrib[name] = f"{prefix}-{value}"
            elif name == XLINK or "url(#" in value:
                element.attrib[name] = _REFERENCE.sub(rf"#{prefix}-\1", value)
    root.attrib.pop("width", None)
    root.attrib.pop("height", None)
    root.attrib["stroke-linejoin"] = "round"
    return ElementTree.tostring(root, encoding="unicode")


def _spell_out(element: ElementTree.Element, family: str) -> None:
    """A style becomes attributes: each property that Matplotlib writes has one of its name."""
    style = element.attrib.pop("style", "")
    for property_ in filter(None, (part.strip() for part in style.split(";"))):
        name, _, value = property_.partition(":")
        element.attrib[name.strip()] = family if name.strip() == "font-family" else value.strip()
