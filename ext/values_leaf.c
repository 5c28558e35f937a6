/* See values_leaf.h; the pre-images are described in docs/formats/fingerprints.md. */
#include "values_leaf.h"

#include "xxh3.h"

/* What fits is hashed in one go from the stack: a started hash state costs more than most leaves. */
#define SHORT_BYTES 192

/* The pre-image is a tag (its name, version, and a zero byte) followed by `data`. */
static void tagged(const char *tag, const void *data, size_t length, uint8_t *digest) {
    size_t tag_length = strlen(tag) + 1;
    if (tag_length + length <= SHORT_BYTES) {
        uint8_t image[SHORT_BYTES];
        memcpy(image, tag, tag_length);
        if (length > 0) memcpy(image + tag_length, data, length);
        xxh3_digest(image, tag_length + length, digest);
        return;
    }
    xxh3_state state;
    xxh3_start(&state);
    xxh3_feed(&state, tag, tag_length);
    xxh3_feed(&state, data, length);
    xxh3_finish(&state, digest);
}

/* The same, without the GIL where that pays; the caller holds `data` alive and in place. */
static void tagged_buffer(const char *tag, const void *data, size_t length, uint8_t *digest) {
    if (length < XXH3_GIL_BYTES) {
        tagged(tag, data, length, digest);
        return;
    }
    Py_BEGIN_ALLOW_THREADS;
    tagged(tag, data, length, digest);
    Py_END_ALLOW_THREADS;
}

/* Two's complement, little-endian, bit_length / 8 + 1 bytes: one form for each number. */
static int wide_int(PyObject *value, uint8_t *digest) {
    PyObject *bits = PyObject_CallMethod(value, "bit_length", NULL);
    if (bits == NULL) return -1;
    unsigned long long count = PyLong_AsUnsignedLongLong(bits);
    Py_DECREF(bits);
    if (count == (unsigned long long)-1 && PyErr_Occurred()) return -1;
    PyObject *method = PyObject_GetAttrString(value, "to_bytes");
    if (method == NULL) return -1;
    PyObject *arguments = Py_BuildValue("(Ks)", count / 8 + 1, "little");
    PyObject *names = Py_BuildValue("{sO}", "signed", Py_True);
    PyObject *data = arguments && names ? PyObject_Call(method, arguments, names) : NULL;
    Py_XDECREF(names);
    Py_XDECREF(arguments);
    Py_DECREF(method);
    if (data == NULL) return -1;
    tagged_buffer("int/1", PyBytes_AS_STRING(data), (size_t)PyBytes_GET_SIZE(data), digest);
    Py_DECREF(data);
    return 1;
}

static int int_digest(PyObject *value, uint8_t *digest) {
    int overflow;
    long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
    if (overflow) return wide_int(value, digest);
    if (number == -1 && PyErr_Occurred()) return -1;
    unsigned long long magnitude = number < 0 ? 0ULL - (unsigned long long)number : (unsigned long long)number;
    size_t length = 1;
    while (length < 9 && magnitude >> (8 * length - 1) > 0) length++;
    uint8_t bytes[9];
    values_put_u64(bytes, (uint64_t)number);
    bytes[8] = number < 0 ? 0xff : 0;
    tagged("int/1", bytes, length, digest);
    return 1;
}

/* IEEE 754 binary64, little-endian; every NaN is the one quiet NaN without sign and payload. */
static void put_float(uint8_t *into, double number) {
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    values_put_u64(into, number != number ? UINT64_C(0x7ff8000000000000) : bits);
}

static int float_digest(PyObject *value, uint8_t *digest) {
    uint8_t bytes[8];
    put_float(bytes, PyFloat_AS_DOUBLE(value));
    tagged("float/1", bytes, sizeof bytes, digest);
    return 1;
}

static int complex_digest(PyObject *value, uint8_t *digest) {
    uint8_t bytes[16];
    put_float(bytes, PyComplex_RealAsDouble(value));
    put_float(bytes + 8, PyComplex_ImagAsDouble(value));
    tagged("complex/1", bytes, sizeof bytes, digest);
    return 1;
}

/* UTF-8; lone surrogates, which UTF-8 proper forbids, as the three bytes of their code point. */
static int str_digest(PyObject *value, uint8_t *digest) {
    if (PyUnicode_IS_COMPACT_ASCII(value)) {
        tagged_buffer("str/1", PyUnicode_1BYTE_DATA(value), (size_t)PyUnicode_GET_LENGTH(value), digest);
        return 1;
    }
    PyObject *data = PyUnicode_AsEncodedString(value, "utf-8", "surrogatepass");
    if (data == NULL) return -1;
    tagged_buffer("str/1", PyBytes_AS_STRING(data), (size_t)PyBytes_GET_SIZE(data), digest);
    Py_DECREF(data);
    return 1;
}

static int bytearray_digest(PyObject *value, uint8_t *digest) {
    Py_buffer view; /* while it is held, no other thread can resize the array */
    if (PyObject_GetBuffer(value, &view, PyBUF_SIMPLE) != 0) return -1;
    tagged_buffer("bytearray/1", view.buf, (size_t)view.len, digest);
    PyBuffer_Release(&view);
    return 1;
}

static int range_digest(PyObject *value, uint8_t *digest) {
    static const char *const parts[] = {"start", "stop", "step"};
    uint8_t digests[48];
    for (int i = 0; i < 3; i++) {
        PyObject *part = PyObject_GetAttrString(value, parts[i]);
        if (part == NULL) return -1;
        int found = values_leaf(part, digests + 16 * i);
        Py_DECREF(part);
        if (found != 1) return -1;
    }
    tagged("range/1", digests, sizeof digests, digest);
    return 1;
}

static int bool_digest(PyObject *value, uint8_t *digest) {
    tagged("bool/1", value == Py_True ? "\1" : "\0", 1, digest);
    return 1;
}

int values_leaf(PyObject *value, uint8_t *digest) {
    PyTypeObject *type = Py_TYPE(value);
    if (type == &PyUnicode_Type) return str_digest(value, digest);
    if (type == &PyLong_Type) return int_digest(value, digest);
    if (type == &PyFloat_Type) return float_digest(value, digest);
    if (type == &PyBool_Type) return bool_digest(value, digest);
    if (value == Py_None) return tagged("none/1", NULL, 0, digest), 1;
    if (type == &PyBytes_Type) {
        tagged_buffer("bytes/1", PyBytes_AS_STRING(value), (size_t)PyBytes_GET_SIZE(value), digest);
        return 1;
    }
    if (type == &PyComplex_Type) return complex_digest(value, digest);
    if (value == Py_Ellipsis) return tagged("ellipsis/1", NULL, 0, digest), 1;
    if (type == &PyByteArray_Type) return bytearray_digest(value, digest);
    if (type == &PyRange_Type) return range_digest(value, digest);
    return 0;
}
