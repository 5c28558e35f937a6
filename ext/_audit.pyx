# cython: autotestdict=False, auto_pickle=False
"""What the process opens, lists, writes, removes, spawns and connects to, taken down while recording."""


cdef extern from "audit_hook.h":
    int audit_install() except -1
    Py_ssize_t audit_begin() except -1
    list audit_end(Py_ssize_t start)

cdef extern from "audit_text.h":
    long audit_folder_uses


cdef dict _starts = {}
cdef int _number = 0


def install():
    """Add the audit hook to the process, once; it can never be removed and costs one comparison when idle.

    Raises RuntimeError where an earlier hook refuses new ones.
    """
    audit_install()


def start():
    """Begin a recording of the events of all threads; its number, to be given to ``stop``.

    Recordings may overlap: each gets the events between its own start and stop.
    """
    global _number
    _number += 1
    _starts[_number] = (audit_begin(), audit_folder_uses)
    return _number


def stop(number=None):
    """End a recording (the newest one, if not told) and return its events ``(kind, texts)`` in order.

    Kinds: ``open`` (path, "r" or "w"), ``list`` (path), ``write`` (path), ``remove`` (path), ``spawn``
    (arguments), ``connect`` (address), ``class`` (module, name; from a pickle), ``sqlite`` (path or URI),
    ``folder`` (last, without texts: a path was relative to the current folder) and
    ``lost`` (the audit event that could not be taken down). Paths are absolute; immediate repetitions are
    left out. Raises RuntimeError where nothing is being recorded.
    """
    if not _starts or (number is not None and number not in _starts):
        raise RuntimeError("no such recording is going on")
    key = max(_starts) if number is None else number
    start, folder_uses = _starts.pop(key)
    events = audit_end(start)
    if audit_folder_uses != folder_uses:
        events.append(("folder", ()))
    return events
