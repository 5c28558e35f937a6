"""The nearest known word to a mistyped one, for messages that help."""

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like ``word``, None where nothing is like it."""
    from difflib import get_close_matches

    by_folded = {name.casefold(): name for name in known}
    matches = get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[matches[0]] if matches else None


def suggestion(word: str, known: Iterable[str], kind: str) -> str:
    """One sentence: the nearest word, and all there are (``kind`` is the plural noun for them)."""
    names = list(known)
    if not names:
        return f"There are no {kind}."
    near = nearest(word, names)
    listing = f"Known {kind}: {', '.join(names)}."
    return f"Did you mean {near!r}? {listing}" if near else listing
