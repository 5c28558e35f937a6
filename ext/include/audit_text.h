/* Texts of the objects that audit events carry. New references, or NULL with an exception set. */
#ifndef MLOPS_AUDIT_TEXT_H
#define MLOPS_AUDIT_TEXT_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* How often a path was resolved against the current folder. */
extern long audit_folder_uses;

/* What a path is relative to, when not to the current folder. */
enum { AUDIT_CURRENT_FOLDER = -1 };

/* Absolute text of a path (str, bytes, PathLike). None is the current folder. */
PyObject *audit_path(PyObject *path, int folder_fd);

/* Path of an open descriptor, or NULL with an exception set where the system does not tell. */
PyObject *audit_descriptor_path(int fd);

/* str of one object: paths and bytes decoded, anything else by str(). */
PyObject *audit_text(PyObject *object);

/* Tuple of texts of a command: a sequence of arguments, or one object. */
PyObject *audit_command(PyObject *arguments);

/* "host:port" of an Internet address, the path of a local one. */
PyObject *audit_address(PyObject *address);

#endif
