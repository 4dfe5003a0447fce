"""The page at /docs, from files of this installation: nothing is fetched from a third party."""

from importlib import resources

from fastapi import FastAPI
from fastapi.responses import Response

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'"
)
"""Swagger UI sets styles on its elements; scripts come from files only."""

FILES = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon-32x32.png": "image/png",
}
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Equal-treatment bureau: the interface</title>
<link rel="stylesheet" href="docs/swagger-ui.css">
<link rel="icon" href="docs/favicon-32x32.png">
</head>
<body>
<div id="docs"></div>
<noscript>Without JavaScript: <a href="openapi.json">the description itself</a>.</noscript>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
START = """SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  validatorUrl: null,
});
"""


def install(app: FastAPI) -> None:
    """Serve the page and its files; an application without them has no /docs."""
    # The package is a plugin, of which only the files are used; importing it is not needed.
    folder = resources.files("fastapi_swagger") / "resources"

    def page() -> Response:
        headers = {"Content-Security-Policy": POLICY}
        return Response(PAGE, media_type="text/html", headers=headers)

    def file(name: str) -> Response:
        if name == "start.js":
            return _cached(START.encode(), "text/javascript")
        if name not in FILES:
            return Response(status_code=404)
        return _cached((folder / name).read_bytes(), FILES[name])

    app.add_route("/docs", lambda _request: page(), include_in_schema=False)
    app.add_route(
        "/docs/{name}",
        lambda request: file(request.path_params["name"]),
        include_in_schema=False,
    )


def _cached(content: bytes, media_type: str) -> Response:
    headers = {"Cache-Control": "public, max-age=86400"}
    return Response(content, media_type=media_type, headers=headers)
