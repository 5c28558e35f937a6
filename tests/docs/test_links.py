"""Links lead somewhere, every page can be reached, and pages speak of files that are there."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
FILE = re.compile(r"`((?:mlops_core/)?[a-z_]+/[a-z_\d/]+\.(?:py|pyi|sql))`")


def links(page: Any) -> Iterator[str]:
    """Targets of the relative links of a page, blocks left out."""
    text = re.sub(r"^```.*?^```$", "", page.text, flags=re.MULTILINE | re.DOTALL)
    return (target for target in LINK.findall(text) if not re.match(r"\w+:", target))


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as they are made on the usual sites."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_links_lead_somewhere(page: Any) -> None:
    for target in links(page):
        name, _, anchor = target.partition("#")
        file = (page.path.parent / name).resolve() if name else page.path
        assert file.exists(), f"{page.name} links to {target}"
        assert not anchor or anchor in anchors(file.read_text(encoding="utf-8")), f"{page.name}: {target}"


def test_every_page_can_be_reached(root: Path, read_page: Callable[[str], Any]) -> None:
    reached, waiting = set(), [root / "README.md"]
    while waiting:
        file = waiting.pop()
        if file in reached or file.suffix != ".md":
            continue
        reached.add(file)
        targets = (target.partition("#")[0] for target in links(read_page(str(file.relative_to(root)))))
        waiting += [(file.parent / target).resolve() for target in targets if target]
    pages = {file.resolve() for file in [*root.glob("*.md"), *(root / "docs").rglob("*.md")]}
    assert pages - {file.resolve() for file in reached} == set()


def test_files_of_the_package_are_where_pages_say(page: Any, package: Path) -> None:
    for name in FILE.findall(page.text):
        if name.startswith(("tests/", "docs/", "ext/", "examples/", "objects/")):
            continue
        assert (package / name.removeprefix("mlops_core/")).exists(), f"{page.name} names {name}"


def test_every_room_has_its_place_in_the_architecture(read_page: Callable[[str], Any], package: Path) -> None:
    floors = read_page("docs/ARCHITECTURE.md").text.partition("## How a run flows")[0]
    rooms = {folder.parent.name for folder in package.glob("*/__init__.py")}
    assert {room for room in rooms if f"`{room}`" not in floors} == set()
