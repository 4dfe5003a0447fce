"""Every number, text and list that comes in has a bound in the description of the interface."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

BOUNDS = {
    "integer": {"maximum", "exclusiveMaximum"},
    "number": {"maximum", "exclusiveMaximum"},
    "string": {"maxLength", "pattern", "format", "enum", "const"},
    "array": {"maxItems"},
}
BOUND_BY_THE_PATH = {"read_calendar token"}
"""No path may be longer than app/api/limits.py says."""


def _unbounded(value: Any, where: str, models: dict[str, Any], seen: set[str]) -> Iterator[str]:
    if isinstance(value, list):
        for part in value:
            yield from _unbounded(part, where, models, seen)
    if not isinstance(value, dict):
        return
    name = value.get("$ref", "").rpartition("/")[2]
    if name and name not in seen:
        seen.add(name)
        yield from _unbounded(models[name], name, models, seen)
    bounds = BOUNDS.get(value["type"]) if isinstance(value.get("type"), str) else None
    if bounds and not bounds & value.keys():
        yield where
    for key, part in value.items():
        if key not in ("example", "examples"):
            inside = f"{where}.{key}" if key not in ("schema", "properties") else where
            yield from _unbounded(part, inside, models, seen)


def test_every_value_that_comes_in_has_a_bound(application: FastAPI) -> None:
    spec = application.openapi()
    models = spec["components"]["schemas"]
    seen: set[str] = set()
    found: set[str] = set()
    for operations in spec["paths"].values():
        for operation in operations.values():
            name = operation["operationId"]
            for parameter in operation.get("parameters", []):
                where = f"{name} {parameter['name']}"
                found |= set(_unbounded(parameter["schema"], where, models, seen))
            body = operation.get("requestBody", {})
            found |= set(_unbounded(body, name, models, seen))
    assert found == BOUND_BY_THE_PATH
    assert len(seen) > 40
