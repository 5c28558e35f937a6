/* Which audit events are recorded, and as what. */
#ifndef MLOPS_AUDIT_EVENTS_H
#define MLOPS_AUDIT_EVENTS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* Called with each record made of an event: kind and a tuple of texts (borrowed). 0, or -1 with an exception set. */
typedef int (*audit_record)(const char *kind, PyObject *texts);

/* Hand the records of one event to `record`. 0, or -1 with an exception set. Unknown events give no record. */
int audit_translate(const char *event, PyObject *arguments, audit_record record);

#endif
