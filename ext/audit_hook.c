/* See audit_hook.h.
 *
 * A hook can never be removed, so being idle must cost one comparison: `recordings` is that flag. All
 * recordings share one log and differ in where they start in it; the log is emptied when the last one ends. */
#include "audit_hook.h"

#include <string.h>

#include "audit_events.h"

#define PROBE "mlops_core.audit.probe"

static int recordings = 0;
static int installed = 0;
static int answered = 0;
static Py_ssize_t newest_start = 0;
static PyObject *log_of_events = NULL;
static PyInterpreterState *interpreter = NULL;

/* A loop over one file would fill the log with one sentence; a recording that began since must see it anew. */
static int repeats(PyObject *entry) {
    Py_ssize_t length = PyList_GET_SIZE(log_of_events);
    if (length <= newest_start) return 0;
    return PyObject_RichCompareBool(PyList_GET_ITEM(log_of_events, length - 1), entry, Py_EQ);
}

static int append(const char *kind, PyObject *texts) {
    if (log_of_events == NULL) return 0; /* making the texts ran user code, and meanwhile the recording ended */
    PyObject *entry = Py_BuildValue("(sO)", kind, texts);
    if (entry == NULL) return -1;
    int status = repeats(entry);
    if (status == 0) status = PyList_Append(log_of_events, entry);
    Py_DECREF(entry);
    return status < 0 ? -1 : 0;
}

/* An event that could not be taken down must not pass for "nothing happened". */
static void record_loss(const char *event) {
    PyErr_Clear();
    PyObject *texts = Py_BuildValue("(s)", event);
    if (texts == NULL || append("lost", texts) != 0) PyErr_Clear();
    Py_XDECREF(texts);
}

static int hook(const char *event, PyObject *arguments, void *unused) {
    (void)unused;
    if (recordings == 0) return 0;
    if (event[0] == PROBE[0] && strcmp(event, PROBE) == 0) answered = 1;
    if (PyInterpreterState_Get() != interpreter) return 0;
    if (arguments == NULL || !PyTuple_Check(arguments)) return 0;
    if (audit_translate(event, arguments, append) != 0) record_loss(event);
    return 0;
}

/* An earlier hook may refuse a new one, and CPython then says nothing: ask for an answer. */
static int answers(void) {
    answered = 0;
    recordings++;
    int status = PySys_Audit(PROBE, NULL);
    recordings--;
    if (status != 0) return -1;
    if (answered) return 0;
    PyErr_SetString(PyExc_RuntimeError, "another audit hook of this process refuses new ones");
    return -1;
}

int audit_install(void) {
    if (installed) return 0;
    interpreter = PyInterpreterState_Get();
    if (PySys_AddAuditHook(hook, NULL) != 0 || answers() != 0) return -1;
    installed = 1;
    return 0;
}

Py_ssize_t audit_begin(void) {
    if (audit_install() != 0) return -1;
    if (log_of_events == NULL) log_of_events = PyList_New(0);
    if (log_of_events == NULL) return -1;
    recordings++;
    newest_start = PyList_GET_SIZE(log_of_events);
    return newest_start;
}

PyObject *audit_end(Py_ssize_t start) {
    PyObject *events = PyList_GetSlice(log_of_events, start, PyList_GET_SIZE(log_of_events));
    if (events == NULL) return NULL;
    recordings--;
    if (recordings == 0) Py_CLEAR(log_of_events);
    return events;
}
