"""Text with unified diffs in it, painted."""

from mlops_core.cli.render.style import Style

_KINDS = {"+": "added", "-": "removed", "@": "dim"}


def painted(text: str, style: Style) -> list[str]:
    """The lines of ``text``; those of a diff (they follow an ``@@`` line, indented like it) coloured."""
    lines, indent = [], -1
    for line in text.splitlines():
        stripped = line.lstrip(" ")
        if stripped.startswith("@@ "):
            indent = len(line) - len(stripped)
        elif indent >= 0 and line[indent : indent + 1] not in ("+", "-", " "):
            indent = -1
        kind = _KINDS.get(line[indent : indent + 1], "") if indent >= 0 else ""
        lines.append(style.paint(line, kind))
    return lines
