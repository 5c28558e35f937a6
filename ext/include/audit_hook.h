/* The process's one audit hook and the log it writes while somebody records. All of it needs the GIL. */
#ifndef MLOPS_AUDIT_HOOK_H
#define MLOPS_AUDIT_HOOK_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* Add the hook, once. 0, or -1 with an exception set. */
int audit_install(void);

/* Position in the log from which a new recording starts, or -1 with an exception set. */
Py_ssize_t audit_begin(void);

/* List of the events from `start` on (new reference) and the end of one recording; NULL with an exception set. */
PyObject *audit_end(Py_ssize_t start);

#endif
