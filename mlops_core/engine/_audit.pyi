def install() -> None:
    """Add the audit hook to the process, once; it can never be removed and costs one comparison when idle.

    Raises RuntimeError where an earlier hook refuses new ones.
    """

def start() -> int:
    """Begin a recording of the events of all threads; its number, to be given to ``stop``.

    Recordings may overlap: each gets the events between its own start and stop.
    """

def stop(number: int | None = None) -> list[tuple[str, tuple[str, ...]]]:
    """End a recording (the newest one, if not told) and return its events ``(kind, texts)`` in order.

    Kinds: ``open`` (path, "r" or "w"), ``list`` (path), ``write`` (path), ``remove`` (path), ``spawn``
    (arguments), ``connect`` (address), ``class`` (module, name; from a pickle), ``sqlite`` (path or URI),
    ``folder`` (last, without texts: a path was relative to the current folder) and
    ``lost`` (the audit event that could not be taken down). Paths are absolute; immediate repetitions are
    left out. Raises RuntimeError where nothing is being recorded.
    """
