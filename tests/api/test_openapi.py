"""The description of the interface is whole, and its examples are true."""

import json
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import TypeAdapter

from app.api.openapi import EXAMPLES, api_routes
from tests.api.tour import take_tour

LEAST_OPERATIONS = 70


@pytest.fixture
def spec(application: FastAPI) -> dict[str, Any]:
    return application.openapi()


@pytest.fixture(scope="module")
def examples() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    return found


def _operations(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [o for operations in spec["paths"].values() for o in operations.values()]


def test_every_operation_has_its_own_name_and_a_description(spec: dict[str, Any]) -> None:
    operations = _operations(spec)
    names = [operation["operationId"] for operation in operations]
    assert len(names) >= LEAST_OPERATIONS
    assert len(set(names)) == len(names)
    assert [o["operationId"] for o in operations if not o.get("description")] == []


def test_every_operation_shows_its_request_and_its_answer(spec: dict[str, Any]) -> None:
    for operation in _operations(spec):
        name = operation["operationId"]
        for content in operation.get("requestBody", {}).get("content", {}).values():
            assert "example" in content, name
        for status, response in operation["responses"].items():
            if status.startswith("2") and "application/json" in response.get("content", {}):
                assert "example" in response["content"]["application/json"], name


def test_the_examples_fit_the_models_of_their_operation(
    application: FastAPI, examples: dict[str, dict[str, Any]]
) -> None:
    walked = 0
    for route in api_routes(application):
        example = examples[route.name]
        if route.response_model is not None:
            TypeAdapter(route.response_model).validate_python(
                example["answer"], strict=False, by_name=True
            )
        if route.body_field is not None and "/json" in route.body_field.field_info.media_type:  # type: ignore[attr-defined]
            model: Any = route.body_field.field_info.annotation
            TypeAdapter(model).validate_json(json.dumps(example["request"]))
        walked += 1
    assert walked == len(examples) >= LEAST_OPERATIONS


def test_the_examples_are_what_the_bureau_answers_today(
    application: FastAPI, examples: dict[str, dict[str, Any]]
) -> None:
    """Kept examples against a tour taken now: the same keys everywhere."""
    taken = take_tour(application)
    assert taken.keys() == examples.keys()
    for name, example in taken.items():
        assert _shape(example) == _shape(examples[name]), name


def test_every_problem_is_a_problem_document(spec: dict[str, Any]) -> None:
    assert "HTTPValidationError" not in spec["components"]["schemas"]
    for operation in _operations(spec):
        for status, response in operation["responses"].items():
            if status.startswith("4"):
                assert list(response["content"]) == ["application/problem+json"]


def _shape(value: Any) -> Any:
    """Keys, without what they hold; of lists, what their members have in common."""
    if isinstance(value, dict):
        # What `details` hold differs from entry to entry.
        return {key: None if key == "details" else _shape(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_shape(value[0])] if value and isinstance(value[0], dict) else []
    return None
