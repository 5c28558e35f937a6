"""SQLite: new enough, and whether it is one of those that need guarding."""

import sqlite3

from mlops_core.cli.checks.check import BROKEN, OK, Check

LEAST = (3, 38, 0)  # STRICT tables (3.37), ->> (3.38)


def has_wal_reset_bug(version: tuple[int, ...]) -> bool:
    """Whether two connections that commit and checkpoint at a bad moment can lose commits.

    Fixed in 3.51.3, and in 3.44.6 and 3.50.7 of the older series (https://www.sqlite.org/changes.html).
    """
    if version[:2] == (3, 44):
        return version < (3, 44, 6)
    if version[:2] == (3, 50):
        return version < (3, 50, 7)
    return version < (3, 51, 3)


def check(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> Check:
    """The SQLite that this Python links."""
    text = ".".join(map(str, version))
    if version < LEAST:
        advice = f"SQLite {'.'.join(map(str, LEAST))} or newer is needed: use a Python that links it"
        return Check("sqlite", BROKEN, text, advice)
    # One writer at a time, and checkpoints only under its lock: the bug needs a second one.
    guarded = "WAL-reset guarded" if has_wal_reset_bug(version) else "WAL-reset fixed"
    return Check("sqlite", OK, f"{text} ({guarded})")
