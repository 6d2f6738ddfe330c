"""Which files of which npm package the pages use, and where they go."""

from typing import NamedTuple


class Vendored(NamedTuple):
    """The files taken from one npm package, relative to it; the first word is the folder they go to."""

    folder: str
    package: str
    files: tuple[str, ...]
    licences: tuple[str, ...]


SERVED = (
    Vendored("htmx", "htmx.org", ("dist/htmx.min.js",), ("LICENSE",)),
    Vendored(
        "tabler",
        "@tabler/core",
        ("dist/css/tabler.min.css", "dist/js/tabler.min.js"),
        # The package ships no licence file; its readme names the licence.
        ("README.md",),
    ),
    Vendored("weui", "weui", ("dist/style/weui.min.css",), ("LICENSE.txt",)),
    Vendored("echarts", "echarts", ("dist/echarts.min.js",), ("LICENSE", "NOTICE", "licenses/LICENSE-d3")),
    Vendored(
        "swagger",
        "swagger-ui-dist",
        ("swagger-ui.css", "swagger-ui-bundle.js"),
        ("LICENSE", "NOTICE", "swagger-ui-bundle.js.LICENSE.txt"),
    ),
)
# Never under app/static: the tests inject it, no page may serve it.
FOR_TESTS = (Vendored("axe", "axe-core", ("axe.min.js",), ("LICENSE", "LICENSE-3RD-PARTY.txt")),)
