/* See https://arrow.apache.org/docs/format/CDataInterface.html (data type description: format strings). */
#include "arrow_format.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *format;
    arrow_kind kind;
    int width;
} known;

static const known EXACT[] = {
    {"n", ARROW_NULLS, 0},     {"b", ARROW_BITS, 0},        {"c", ARROW_FIXED, 1},       {"C", ARROW_FIXED, 1},
    {"s", ARROW_FIXED, 2},     {"S", ARROW_FIXED, 2},       {"i", ARROW_FIXED, 4},       {"I", ARROW_FIXED, 4},
    {"l", ARROW_FIXED, 8},     {"L", ARROW_FIXED, 8},       {"e", ARROW_FIXED, 2},       {"f", ARROW_FIXED, 4},
    {"g", ARROW_FIXED, 8},     {"z", ARROW_BINARY, 4},      {"Z", ARROW_BINARY, 8},      {"u", ARROW_BINARY, 4},
    {"U", ARROW_BINARY, 8},    {"vz", ARROW_VIEW, 0},       {"vu", ARROW_VIEW, 0},       {"tdD", ARROW_FIXED, 4},
    {"tdm", ARROW_FIXED, 8},   {"tts", ARROW_FIXED, 4},     {"ttm", ARROW_FIXED, 4},     {"ttu", ARROW_FIXED, 8},
    {"ttn", ARROW_FIXED, 8},   {"tDs", ARROW_FIXED, 8},     {"tDm", ARROW_FIXED, 8},     {"tDu", ARROW_FIXED, 8},
    {"tDn", ARROW_FIXED, 8},   {"tiM", ARROW_FIXED, 4},     {"tiD", ARROW_FIXED, 8},     {"tin", ARROW_FIXED, 16},
    {"+l", ARROW_LIST, 4},     {"+L", ARROW_LIST, 8},       {"+vl", ARROW_LIST_VIEW, 4}, {"+vL", ARROW_LIST_VIEW, 8},
    {"+s", ARROW_STRUCT, 0},   {"+m", ARROW_LIST, 4},       {"+r", ARROW_RUN_END, 0},
};

static int unknown(arrow_node *node, const char *format) {
    return arrow_fail(node->error, ARROW_UNSUPPORTED, "the Arrow type with format '%.60s' is not known", format);
}

/* A decimal number from `text` on up to `end`; -1 where it is none. */
static int64_t number(const char *text, char **end) {
    if (*text < '0' || *text > '9') return -1;
    long long value = strtoll(text, end, 10);
    return value > INT32_MAX ? -1 : value;
}

/* "d:precision,scale[,bits]" */
static int decimal(arrow_node *node, const char *format) {
    const char *comma = strchr(format, ',');
    const char *bits = comma == NULL ? NULL : strchr(comma + 1, ',');
    char *end = "";
    int64_t width = bits == NULL ? 128 : number(bits + 1, &end);
    if (comma == NULL || *end != 0) return unknown(node, format);
    if (width != 32 && width != 64 && width != 128 && width != 256) return unknown(node, format);
    node->kind = ARROW_FIXED;
    node->width = (int)width / 8;
    return 0;
}

static int fixed_size(arrow_node *node, const char *format, const char *digits, arrow_kind kind) {
    char *end = "";
    int64_t size = number(digits, &end);
    if (size < 0 || *end != 0) return unknown(node, format);
    node->kind = kind;
    if (kind == ARROW_FIXED) node->width = (int)size;
    node->list_size = size;
    return 0;
}

/* "+ud:0,5,..." or "+us:..." */
static int union_codes(arrow_node *node, const char *format) {
    const char *text = format + 4;
    int children = 0;
    node->kind = format[2] == 'd' ? ARROW_DENSE_UNION : ARROW_SPARSE_UNION;
    memset(node->child_of, -1, sizeof node->child_of);
    while (*text != 0) {
        char *end = "";
        int64_t code = number(text, &end);
        if (code < 0 || code > 127 || node->child_of[code] >= 0 || (*end != 0 && *end != ',')) return unknown(node, format);
        node->codes[children] = (int8_t)code;
        node->child_of[code] = (int8_t)children++;
        text = *end == ',' ? end + 1 : end;
    }
    if (children != node->n_children)
        return arrow_fail(node->error, ARROW_INVALID, "a union has %d type codes and %d children", children, node->n_children);
    return 0;
}

int arrow_format_read(arrow_node *node, const char *format) {
    for (size_t i = 0; i < sizeof EXACT / sizeof *EXACT; i++) {
        if (strcmp(EXACT[i].format, format) != 0) continue;
        node->kind = EXACT[i].kind;
        node->width = EXACT[i].width;
        node->is_signed = format[0] >= 'a' && format[0] <= 'z';
        return 0;
    }
    if (strncmp(format, "d:", 2) == 0) return decimal(node, format);
    if (strncmp(format, "w:", 2) == 0) return fixed_size(node, format, format + 2, ARROW_FIXED);
    if (strncmp(format, "+w:", 3) == 0) return fixed_size(node, format, format + 3, ARROW_FIXED_LIST);
    if (strncmp(format, "+ud:", 4) == 0 || strncmp(format, "+us:", 4) == 0) return union_codes(node, format);
    if (strncmp(format, "ts", 2) == 0 && strchr("smun", format[2]) != NULL && format[2] && format[3] == ':') {
        node->kind = ARROW_FIXED;
        node->width = 8;
        return 0;
    }
    return unknown(node, format);
}
