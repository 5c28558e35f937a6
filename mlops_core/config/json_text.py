"""Values written as JSON text or TOML, in one canonical order.

The order of a dict counts in its fingerprint because code can see it, but the order of keys in a file or on
a command line is chance: what comes from there is handed over sorted.
"""

import json

from mlops_core.config.mismatch import Mismatch


def read_json(text: str, allowed: str) -> object:
    """The JSON value with sorted objects; a doubled key is refused, since one of its values would be lost."""

    def paired(pairs: list[tuple[str, object]]) -> dict[str, object]:
        keys = [key for key, _ in pairs]
        if len(set(keys)) < len(keys):
            raise Mismatch(text, f"{allowed} with each key once")
        return dict(sorted(pairs))

    try:
        return json.loads(text, object_pairs_hook=paired)
    except (ValueError, RecursionError):
        raise Mismatch(text, allowed) from None


def in_order(value: object) -> object:
    """The same lists and dicts with every dict sorted by key."""
    if isinstance(value, dict):
        return {key: in_order(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [in_order(item) for item in value]
    return value
