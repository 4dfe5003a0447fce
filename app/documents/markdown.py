"""Texts of people as a small tree, which every format walks: no HTML, no pictures, no odd links.

Read by markdown-it-py, CommonMark to the letter, so that what the page says the print says too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

DEEPEST = 4
"""Levels of headings in a text, below the one of its part."""


class NodeKind(StrEnum):
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    BULLETS = "bullets"
    NUMBERED = "numbered"
    ITEM = "item"
    QUOTE = "quote"
    CODE_BLOCK = "code_block"
    RULE = "rule"
    TEXT = "text"
    STRONG = "strong"
    EMPHASIS = "emphasis"
    CODE = "code"
    LINK = "link"
    BREAK = "break"


@dataclass(frozen=True)
class Node:
    """children: of an item, texts where the list has no blank lines, else paragraphs and lists.
    level: of a heading, 1 is just below the part, none is skipped. start: of numbers. url: of a
    link, http, https or mailto."""

    kind: NodeKind
    text: str = ""
    children: Sequence["Node"] = ()
    url: str = ""
    level: int = 0
    start: int = 1


_WITH_CHILDREN = {
    "paragraph": NodeKind.PARAGRAPH,
    "bullet_list": NodeKind.BULLETS,
    "list_item": NodeKind.ITEM,
    "blockquote": NodeKind.QUOTE,
    "strong": NodeKind.STRONG,
    "em": NodeKind.EMPHASIS,
}
_WITH_TEXT = {
    "text": NodeKind.TEXT,
    "code_inline": NodeKind.CODE,
    "code_block": NodeKind.CODE_BLOCK,
    "fence": NodeKind.CODE_BLOCK,
    "hr": NodeKind.RULE,
    "hardbreak": NodeKind.BREAK,
}
"""CommonMark has nothing else; another name is a KeyError, not a text that is lost."""


def _may_link(url: str) -> bool:
    return url.lower().startswith(("http://", "https://", "mailto:"))


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False})
    parser.validateLink = _may_link  # type: ignore[method-assign]  # (how the library asks for it)
    return parser


_PARSER = _parser()


def parse(markdown: str) -> list[Node]:
    """Blocks of a text. What would be HTML, or a link elsewhere, is left as it was typed."""
    reached = 0
    blocks = []
    for found in SyntaxTreeNode(_PARSER.parse(markdown)).children:
        block = _node(found)
        if block.kind is NodeKind.HEADING:
            reached = min(block.level, reached + 1, DEEPEST)
            block = Node(NodeKind.HEADING, children=block.children, level=reached)
        blocks.append(block)
    return blocks


def plain_text(nodes: Sequence[Node]) -> str:
    """What is read when nothing is drawn."""
    return "".join(_texts(nodes))


def _texts(nodes: Sequence[Node]) -> Iterator[str]:
    for node in nodes:
        yield " " if node.kind is NodeKind.BREAK else node.text
        yield from _texts(node.children)


def _node(found: SyntaxTreeNode, *, is_inside: bool = False) -> Node:
    kind = found.type
    if kind == "heading":
        children = _children(found)
        if is_inside:
            strong = Node(NodeKind.STRONG, children=children)
            return Node(NodeKind.PARAGRAPH, children=(strong,))
        return Node(NodeKind.HEADING, children=children, level=int(found.tag[1:]))
    if kind == "ordered_list":
        start = found.attrs.get("start", 1)
        return Node(NodeKind.NUMBERED, children=_children(found), start=int(start))
    if kind == "link":
        url = str(found.attrs.get("href", ""))
        return Node(NodeKind.LINK, children=_children(found), url=url)
    if kind == "softbreak":
        return Node(NodeKind.TEXT, text=" ")
    if kind in _WITH_TEXT:
        return Node(_WITH_TEXT[kind], text=found.content)
    return Node(_WITH_CHILDREN[kind], children=_children(found))


def _children(found: SyntaxTreeNode) -> tuple[Node, ...]:
    nodes: list[Node] = []
    for child in found.children:
        # A picture is its description; an item of a list without blank lines has no paragraphs.
        if child.type in ("inline", "image") or (child.type == "paragraph" and child.hidden):
            nodes.extend(_children(child))
        else:
            nodes.append(_node(child, is_inside=True))
    return tuple(nodes)
