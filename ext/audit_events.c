/* The table of events (names and arguments: https://docs.python.org/3/library/audit_events.html).
 *
 * Anybody may raise an event of these names with other arguments, so nothing about them is taken for granted. */
#include "audit_events.h"

#include <fcntl.h>
#include <string.h>

#include "audit_text.h"

typedef PyObject *(*maker)(PyObject *arguments, int index, int folder);

/* `index`: the argument the record is made of; `folder`: the argument that is a dir_fd, or -1. */
typedef struct {
    const char *event;
    const char *kind;
    maker make;
    int index;
    int folder;
} rule;

static PyObject *argument(PyObject *arguments, int index) {
    return index >= 0 && index < PyTuple_GET_SIZE(arguments) ? PyTuple_GET_ITEM(arguments, index) : Py_None;
}

static int number(PyObject *object, int otherwise) {
    if (!PyLong_Check(object)) return otherwise;
    long value = PyLong_AsLong(object);
    if (value == -1 && PyErr_Occurred()) PyErr_Clear();
    return value < 0 || value > 0x7FFFFFFF ? otherwise : (int)value;
}

static PyObject *one(PyObject *text) {
    PyObject *tuple = text == NULL ? NULL : PyTuple_Pack(1, text);
    Py_XDECREF(text);
    return tuple;
}

static int is_of_import_system(PyFrameObject *frame) {
    PyCodeObject *code = PyFrame_GetCode(frame);
    const char *file = PyUnicode_AsUTF8(code->co_filename);
    if (file == NULL) PyErr_Clear();
    int answer = file != NULL && strncmp(file, "<frozen importlib", 17) == 0;
    Py_DECREF(code);
    return answer;
}

/* The import system looks into folders and opens modules on its own account: that is no input of the step,
 * whose code is known by itself. What others ask a loader for directly (`get_data`) is. */
static int by_import_system(void) {
    PyFrameObject *frame = PyEval_GetFrame(); /* borrowed; NULL in a thread without Python code */
    if (frame == NULL || !is_of_import_system(frame)) return 0;
    PyFrameObject *asker = PyFrame_GetBack(frame);
    int answer = asker != NULL && is_of_import_system(asker);
    Py_XDECREF(asker);
    return answer;
}

/* A maker answers NULL without an exception where there is nothing to record. */

static PyObject *path_record(PyObject *arguments, int index, int folder) {
    PyObject *path = argument(arguments, index);
    if (path == Py_None || PyLong_Check(path)) return NULL;
    return one(audit_path(path, number(argument(arguments, folder), AUDIT_CURRENT_FOLDER)));
}

static PyObject *listing_record(PyObject *arguments, int index, int folder) {
    PyObject *path = argument(arguments, index);
    (void)folder;
    if (by_import_system()) return NULL;
    if (!PyLong_Check(path)) return one(audit_path(path, AUDIT_CURRENT_FOLDER));
    PyObject *record = one(audit_descriptor_path(number(path, -1)));
    if (record == NULL) PyErr_Clear();
    return record;
}

static int writes(PyObject *mode, int flags) {
    if ((flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC | O_APPEND))) return 1;
    if (!PyUnicode_Check(mode)) return 0;
    for (const char *letter = "wax+"; *letter; letter++)
        if (PyUnicode_FindChar(mode, (Py_UCS4)*letter, 0, PyUnicode_GET_LENGTH(mode), 1) >= 0) return 1;
    return 0;
}

static PyObject *open_record(PyObject *arguments, int index, int folder) {
    PyObject *path = argument(arguments, index);
    (void)folder;
    if (path == Py_None || PyLong_Check(path) || by_import_system()) return NULL;
    PyObject *text = audit_path(path, AUDIT_CURRENT_FOLDER);
    if (text == NULL) return NULL;
    int writing = writes(argument(arguments, 1), number(argument(arguments, 2), 0));
    return Py_BuildValue("(Ns)", text, writing ? "w" : "r");
}

static PyObject *library_record(PyObject *arguments, int index, int folder) {
    PyObject *name = argument(arguments, index);
    (void)folder;
    if (!PyUnicode_Check(name) || PyUnicode_FindChar(name, '/', 0, PyUnicode_GET_LENGTH(name), 1) < 0) return NULL;
    PyObject *text = audit_path(name, AUDIT_CURRENT_FOLDER);
    return text == NULL ? NULL : Py_BuildValue("(Ns)", text, "r");
}

static PyObject *command_record(PyObject *arguments, int index, int folder) {
    (void)folder;
    return audit_command(argument(arguments, index));
}

static PyObject *fork_record(PyObject *arguments, int index, int folder) {
    (void)arguments, (void)index, (void)folder;
    return Py_BuildValue("(s)", "fork");
}

static PyObject *address_record(PyObject *arguments, int index, int folder) {
    PyObject *address = argument(arguments, index);
    (void)folder;
    return address == Py_None ? NULL : one(audit_address(address));
}

static PyObject *class_record(PyObject *arguments, int index, int folder) {
    PyObject *module = audit_text(argument(arguments, index));
    PyObject *name = audit_text(argument(arguments, index + 1));
    PyObject *record = module == NULL || name == NULL ? NULL : PyTuple_Pack(2, module, name);
    (void)folder;
    Py_XDECREF(module);
    Py_XDECREF(name);
    return record;
}

/* Databases in memory are nobody's input; a URI is no path. */
static PyObject *database_record(PyObject *arguments, int index, int folder) {
    PyObject *text = audit_text(argument(arguments, index));
    (void)folder;
    if (text == NULL) return NULL;
    const char *name = PyUnicode_AsUTF8(text);
    if (name == NULL) PyErr_Clear();
    if (name != NULL && (*name == 0 || strcmp(name, ":memory:") == 0)) {
        Py_DECREF(text);
        return NULL;
    }
    if (name != NULL && strncmp(name, "file:", 5) == 0) return one(text);
    PyObject *path = audit_path(text, AUDIT_CURRENT_FOLDER);
    Py_DECREF(text);
    return one(path);
}

static const rule RULES[] = {
    {"open", "open", open_record, 0, -1},
    {"ctypes.dlopen", "open", library_record, 0, -1},
    {"os.listdir", "list", listing_record, 0, -1},
    {"os.scandir", "list", listing_record, 0, -1},
    {"os.rename", "remove", path_record, 0, 2},
    {"os.rename", "write", path_record, 1, 3},
    {"os.mkdir", "write", path_record, 0, 2},
    {"os.link", "write", path_record, 1, 3},
    {"os.symlink", "write", path_record, 1, 2},
    {"os.truncate", "write", path_record, 0, -1},
    {"os.chmod", "write", path_record, 0, 2},
    {"os.chown", "write", path_record, 0, 3},
    {"os.utime", "write", path_record, 0, 3},
    {"os.setxattr", "write", path_record, 0, -1},
    {"os.removexattr", "write", path_record, 0, -1},
    {"os.remove", "remove", path_record, 0, 1},
    {"os.rmdir", "remove", path_record, 0, 1},
    {"shutil.copyfile", "write", path_record, 1, -1},
    {"shutil.copytree", "write", path_record, 1, -1},
    {"shutil.move", "remove", path_record, 0, -1},
    {"shutil.move", "write", path_record, 1, -1},
    {"shutil.rmtree", "remove", path_record, 0, 1},
    {"subprocess.Popen", "spawn", command_record, 1, -1},
    {"os.exec", "spawn", command_record, 1, -1},
    {"os.posix_spawn", "spawn", command_record, 1, -1},
    {"os.spawn", "spawn", command_record, 2, -1},
    {"os.system", "spawn", command_record, 0, -1},
    {"pty.spawn", "spawn", command_record, 0, -1},
    {"os.fork", "spawn", fork_record, 0, -1},
    {"os.forkpty", "spawn", fork_record, 0, -1},
    {"socket.connect", "connect", address_record, 1, -1},
    {"socket.sendto", "connect", address_record, 1, -1},
    {"socket.sendmsg", "connect", address_record, 1, -1},
    {"pickle.find_class", "class", class_record, 0, -1},
    {"sqlite3.connect", "sqlite", database_record, 0, -1},
};

static int apply(const rule *rule, PyObject *arguments, audit_record record) {
    PyObject *texts = rule->make(arguments, rule->index, rule->folder);
    if (texts == NULL) return PyErr_Occurred() ? -1 : 0;
    int status = record(rule->kind, texts);
    Py_DECREF(texts);
    return status;
}

int audit_translate(const char *event, PyObject *arguments, audit_record record) {
    int status = 0;
    for (size_t i = 0; i < sizeof RULES / sizeof *RULES; i++) {
        if (event[0] != RULES[i].event[0] || strcmp(event, RULES[i].event) != 0) continue;
        if (apply(&RULES[i], arguments, record) != 0) status = -1;
    }
    return status;
}
