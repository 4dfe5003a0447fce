"""Query parameters and answer shape of every list."""

from collections.abc import Callable
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel

from app.core.paging import Page, PageRequest

T = TypeVar("T")
Row = TypeVar("Row")


class PageView(BaseModel, Generic[T]):
    items: list[T]
    next: str | None = None
    total: int | None = None


def _page_request(
    limit: Annotated[int, Query(ge=1, le=100, description="rows on a page")] = 20,
    cursor: Annotated[str | None, Query(max_length=500, description="`next` of a page")] = None,
    count: Annotated[bool, Query(description="also answer the total")] = False,
) -> PageRequest:
    return PageRequest(limit=limit, cursor=cursor, with_total=count)


PageQuery = Annotated[PageRequest, Depends(_page_request)]


def page_view(page: Page[Row], view: Callable[[Row], T]) -> PageView[T]:
    """A page of rows as a page of views."""
    return PageView(items=[view(row) for row in page.items], next=page.next, total=page.total)
