"""The code lists: open to everybody, kept by the coordinator."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from app.api.acts import Act, acting
from app.api.problems import problems
from app.core.access import Permission
from app.vocabulary import queries, service
from app.vocabulary.domain import CodeList, Language
from app.vocabulary.models import VocabularyEntry
from app.vocabulary.schemas import EntryChange, EntryCreation, EntryView, ListsView, ListView

router = APIRouter(prefix="/vocabulary", tags=["vocabulary"])

LanguageQuery = Annotated[Language, Query(description="language of `label`")]
CodePath = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,59}$")]


@router.get("", response_model=ListsView, responses=problems(401, 503))
def list_lists(act: Annotated[Act, acting(Permission.VOCABULARY_READ)]) -> Response:
    """The names of the lists."""
    return act.read(lambda _session: ListsView(items=list(CodeList)))


@router.get("/{name}", response_model=ListView, responses=problems(401, 422, 503))
def read_list(
    name: CodeList,
    act: Annotated[Act, acting(Permission.VOCABULARY_READ)],
    lang: LanguageQuery = Language.NL,
) -> Response:
    """One list, ended codes included."""
    return act.read(
        lambda session: ListView(
            name=name,
            items=[_view(row, lang) for row in queries.list_entries(session, act.actor, name)],
        )
    )


@router.get("/{name}/{code}", response_model=EntryView, responses=problems(401, 404, 422, 503))
def read_entry(
    name: CodeList,
    code: CodePath,
    act: Annotated[Act, acting(Permission.VOCABULARY_READ)],
    lang: LanguageQuery = Language.NL,
) -> Response:
    """One code."""
    return act.read(lambda session: _view(queries.get_entry(session, act.actor, name, code), lang))


@router.post(
    "/{name}",
    status_code=201,
    response_model=EntryView,
    responses=problems(401, 403, 409, 413, 422, 503),
)
def add_entry(
    name: CodeList,
    body: EntryCreation,
    act: Annotated[Act, acting(Permission.VOCABULARY_MANAGE, creates=True)],
) -> Response:
    """Add a code."""
    return act.commit(
        lambda session: _view(
            service.add_entry(session, act.actor, name, at=act.at, **body.model_dump()),
            Language.NL,
        )
    )


@router.patch(
    "/{name}/{code}",
    response_model=EntryView,
    responses=problems(401, 403, 404, 412, 413, 422, 428, 503),
)
def change_entry(
    name: CodeList,
    code: CodePath,
    body: EntryChange,
    act: Annotated[Act, acting(Permission.VOCABULARY_MANAGE, changes=True)],
) -> Response:
    """Reword a code, or say when it begins or ends."""
    return act.commit(
        lambda session: _view(
            service.change_entry(
                session,
                act.actor,
                name,
                code,
                changes=body.model_dump(exclude_unset=True),
                expected_version=act.expected_version,
                at=act.at,
            ),
            Language.NL,
        )
    )


def _view(row: VocabularyEntry, language: Language) -> EntryView:
    return EntryView(
        code=row.code,
        label=row.labels.get(language, row.code),
        labels=row.labels,
        parent=row.parent,
        attributes=row.attributes,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        version=row.version,
    )
