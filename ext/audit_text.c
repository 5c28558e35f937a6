/* See audit_text.h. A user's __fspath__ or __str__ may run in here and fail: callers drop the error. */
#define _GNU_SOURCE
#include "audit_text.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

static PyObject *decoded(PyObject *path) {
    PyObject *text = NULL;
    if (PyUnicode_Check(path)) return PyUnicode_FromObject(path);
    if (PyBytes_Check(path)) return PyUnicode_DecodeFSDefaultAndSize(PyBytes_AS_STRING(path), PyBytes_GET_SIZE(path));
    PyObject *plain = PyOS_FSPath(path);
    if (plain != NULL) text = decoded(plain);
    Py_XDECREF(plain);
    return text;
}

long audit_folder_uses = 0;

static PyObject *current_folder(void) {
    char buffer[PATH_MAX];
    audit_folder_uses++;
    if (getcwd(buffer, sizeof buffer) == NULL) return PyErr_SetFromErrno(PyExc_OSError);
    return PyUnicode_DecodeFSDefault(buffer);
}

PyObject *audit_descriptor_path(int fd) {
    char link[64], buffer[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, buffer, sizeof buffer);
    if (length < 0) return PyErr_SetFromErrno(PyExc_OSError);
    return PyUnicode_DecodeFSDefaultAndSize(buffer, length);
}

/* Where "./" ends in a relative path: "." and "./" alone are the folder itself. */
static Py_ssize_t after_dots(PyObject *text) {
    Py_ssize_t i = 0, length = PyUnicode_GET_LENGTH(text);
    while (i < length && PyUnicode_READ_CHAR(text, i) == '.' &&
           (i + 1 == length || PyUnicode_READ_CHAR(text, i + 1) == '/')) {
        i++;
        while (i < length && PyUnicode_READ_CHAR(text, i) == '/') i++;
    }
    return i;
}

static PyObject *joined(PyObject *folder, PyObject *text) {
    PyObject *rest = PyUnicode_Substring(text, after_dots(text), PyUnicode_GET_LENGTH(text));
    if (rest == NULL) return NULL;
    int bare = PyUnicode_GET_LENGTH(rest) == 0;
    int root = PyUnicode_GET_LENGTH(folder) == 1; /* "/" brings its own slash */
    PyObject *path = bare ? Py_NewRef(folder) : PyUnicode_FromFormat(root ? "%U%U" : "%U/%U", folder, rest);
    Py_DECREF(rest);
    return path;
}

PyObject *audit_path(PyObject *path, int folder_fd) {
    if (path == Py_None) return current_folder();
    PyObject *text = decoded(path);
    if (text == NULL) return NULL;
    if (PyUnicode_GET_LENGTH(text) > 0 && PyUnicode_READ_CHAR(text, 0) == '/') return text;
    PyObject *folder = folder_fd < 0 ? current_folder() : audit_descriptor_path(folder_fd);
    PyObject *result = folder == NULL ? NULL : joined(folder, text);
    if (result == NULL) { /* a current folder that is gone: the path as given still says something */
        PyErr_Clear();
        return text;
    }
    Py_XDECREF(folder);
    Py_DECREF(text);
    return result;
}

PyObject *audit_text(PyObject *object) {
    PyObject *text = decoded(object);
    if (text != NULL) return text;
    PyErr_Clear();
    PyObject *shown = PyObject_Str(object);
    if (shown == NULL) return NULL;
    text = PyUnicode_FromObject(shown);
    Py_DECREF(shown);
    return text;
}

PyObject *audit_command(PyObject *arguments) {
    int several = PyList_Check(arguments) || PyTuple_Check(arguments);
    PyObject *items = several ? PySequence_Tuple(arguments) : PyTuple_Pack(1, arguments);
    if (items == NULL) return NULL;
    PyObject *texts = PyTuple_New(PyTuple_GET_SIZE(items));
    for (Py_ssize_t i = 0; texts != NULL && i < PyTuple_GET_SIZE(items); i++) {
        PyObject *text = audit_text(PyTuple_GET_ITEM(items, i));
        if (text == NULL)
            Py_CLEAR(texts);
        else
            PyTuple_SET_ITEM(texts, i, text);
    }
    Py_DECREF(items);
    return texts;
}

PyObject *audit_address(PyObject *address) {
    if (!PyTuple_Check(address) || PyTuple_GET_SIZE(address) < 2) return audit_text(address);
    PyObject *host = audit_text(PyTuple_GET_ITEM(address, 0));
    PyObject *port = audit_text(PyTuple_GET_ITEM(address, 1));
    PyObject *text = NULL;
    if (host != NULL && port != NULL) {
        int colons = PyUnicode_FindChar(host, ':', 0, PyUnicode_GET_LENGTH(host), 1) >= 0;
        text = PyUnicode_FromFormat(colons ? "[%U]:%U" : "%U:%U", host, port);
    }
    Py_XDECREF(host);
    Py_XDECREF(port);
    return text;
}
