# Where in a value the walk stands, for messages.


cdef str _step(Frame *frame):
    if frame.kind == LIST or frame.kind == TUPLE:
        return f"[{frame.next - 1}]"
    if frame.kind == DICT:
        return _key_text(<object>frame.items, frame.next, frame.value != NULL)
    return ""


cdef str _key_text(object items, Py_ssize_t after, bint at_key):
    """The last key that was delivered: `after` is the position behind it."""
    cdef Py_ssize_t position = 0
    cdef PyObject *key = NULL
    cdef PyObject *value
    while position < after and PyDict_Next(items, &position, &key, &value):
        pass
    if key == NULL:
        return ""
    text = f"{<object>key!r:.80}"
    return f" key {text}" if at_key else f"[{text}]"
