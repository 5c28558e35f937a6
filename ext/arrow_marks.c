/* See arrow_marks.h. What lies under a null is never followed: it may point anywhere. */
#include "arrow_marks.h"

#include "arrow_dictionary.h"
#include "arrow_read.h"
#include "xxh3.h"

enum { SAMPLES = 8, BATCH = 256 };

static uint64_t word_of(const uint8_t *bytes, size_t length) {
    uint64_t word = 0;
    memcpy(&word, bytes, length); /* little-endian */
    return word;
}

static uint64_t single(const arrow_node *node, const struct ArrowArray *array, int64_t at) {
    uint64_t mark;
    arrow_marks(node, array, at, 1, &mark);
    return mark;
}

/* --- kinds without children --------------------------------------------------------------------------------------- */

static void bit_marks(const struct ArrowArray *array, int64_t at, int64_t count, uint64_t *marks) {
    const uint64_t one = arrow_mark_of(1);
    for (int64_t i = 0; i < count; i += 64) {
        int rows = count - i < 64 ? (int)(count - i) : 64;
        uint64_t bits = arrow_bits_word(array->buffers[1], at + i, rows);
        for (int64_t row = i; row < i + rows; row++, bits >>= 1) marks[row] = one & (0 - (bits & 1));
    }
}

/* The barrier keeps compilers from making vectors of a product that vector units do not have. */
#define MARKS_OF(WIDTH)                                                                                                \
    for (int64_t i = 0; i < count; i++) {                                                                              \
        uint64_t word = word_of(values + (WIDTH) * i, (WIDTH));                                                        \
        __asm__("" : "+r"(word));                                                                                      \
        marks[i] = arrow_mark_of(word);                                                                                \
    }

static uint64_t wide_mark(const uint8_t *value, size_t width) {
    if (width > 16) return XXH3_64bits(value, width);
    uint64_t low = word_of(value, width < 8 ? width : 8), high = width > 8 ? word_of(value + 8, width - 8) : 0;
    uint64_t mixed = low * ARROW_MARK_1 + high * ARROW_MARK_2;
    return mixed ^ mixed >> 32;
}

static void fixed_marks(const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count,
                        uint64_t *marks) {
    const uint8_t *values = (const uint8_t *)array->buffers[1] + at * node->width;
    switch (node->width) {
    case 0: memset(marks, 0, (size_t)count * sizeof *marks); return;
    case 1: MARKS_OF(1) return;
    case 2: MARKS_OF(2) return;
    case 4: MARKS_OF(4) return;
    case 8: MARKS_OF(8) return;
    default:
        for (int64_t i = 0; i < count; i++) marks[i] = wide_mark(values + node->width * i, (size_t)node->width);
    }
}

static void index_marks(const arrow_node *node, const struct ArrowArray *array, const uint8_t *validity, int64_t at,
                        int64_t count, uint64_t *marks) {
    const int64_t *map = node->dictionary->map;
    for (int64_t i = 0; i < count; i++) {
        marks[i] = 0;
        if (validity != NULL && !arrow_bit(validity, at + i)) continue;
        int64_t index = arrow_index(node, array, at + i);
        marks[i] = arrow_mark_of((uint64_t)(map == NULL ? index : map[index]));
    }
}

/* Of a text its length, its last 8 bytes (or fewer), and the 8 bytes before its middle where there are 16. */
static uint64_t mixed_text(uint64_t tail, uint64_t middle, uint64_t length) {
    uint64_t mixed = (tail + length) * ARROW_MARK_1 + middle * ARROW_MARK_2;
    return mixed ^ mixed >> 32;
}

static uint64_t text_mark(const uint8_t *end, uint64_t length) {
    if (length < 8) return mixed_text(word_of(end - length, (size_t)length), 0, length);
    return mixed_text(word_of(end - 8, 8), length < 16 ? 0 : word_of(end - length / 2 - 8, 8), length);
}

/* All bits where a < b. */
static uint64_t if_less(uint64_t a, uint64_t b) { return (uint64_t)((int64_t)(a - b) >> 63); }

/* The same without a branch, where 16 bytes before the end can be read. */
static uint64_t text_mark_inside(const uint8_t *end, uint64_t length) {
    uint64_t is_short = if_less(length, 8), has_middle = ~if_less(length, 16);
    uint64_t tail = word_of(end - 8, 8), middle = word_of(end - (length / 2 & has_middle) - 8, 8);
    uint64_t few = tail >> 1 >> ((63 - 8 * length) & 63);
    return mixed_text((few & is_short) | (tail & ~is_short), middle & has_middle, length);
}

#define TEXT_MARKS(NUMBER)                                                                                             \
    for (int64_t i = 0; i < count; i++) {                                                                              \
        NUMBER from, to;                                                                                               \
        memcpy(&from, offsets + i * (int64_t)sizeof(NUMBER), sizeof from);                                             \
        memcpy(&to, offsets + (i + 1) * (int64_t)sizeof(NUMBER), sizeof to);                                           \
        uint64_t length = (uint64_t)(to - from);                                                                       \
        marks[i] = to >= 16 ? text_mark_inside(text + to, length) : length == 0 ? 0 : text_mark(text + to, length);    \
    }

static void text_marks(const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count,
                       uint64_t *marks) {
    const uint8_t *text = array->buffers[2], *offsets = arrow_offsets_at(node, array, at);
    if (node->width == 4) {
        TEXT_MARKS(int32_t)
    } else {
        TEXT_MARKS(int64_t)
    }
}

/* As text_mark. What lies in a view is not followed by anything that could be read in front of it. */
static uint64_t view_mark(const arrow_text *text) {
    uint64_t length = text->length, is_short = if_less(length, 8), has_middle = ~if_less(length, 16);
    const uint8_t *last = text->bytes + ((length - 8) & ~is_short);
    uint64_t kept = ((UINT64_C(1) << 8 * (length & 7)) - 1) | ~is_short;
    uint64_t middle = word_of(last - (length / 2 & has_middle), 8) & has_middle;
    return mixed_text(word_of(last, 8) & kept, middle, length);
}

static void view_marks(const struct ArrowArray *array, const uint8_t *validity, int64_t at, int64_t count,
                       uint64_t *marks) {
    for (int64_t i = 0; i < count; i++) {
        arrow_text text = arrow_text_at(array, validity, at + i);
        marks[i] = view_mark(&text);
    }
}

/* --- kinds with children ------------------------------------------------------------------------------------------ */

static uint64_t joined(uint64_t mark, uint64_t next) { return mark * ARROW_MARK_3 + next; }

/* Of a list its length, and up to eight items that lie evenly in it. */
static uint64_t list_mark(const arrow_node *node, const struct ArrowArray *array, int64_t from, int64_t length) {
    const struct ArrowArray *child = array->children[0];
    uint64_t marks[SAMPLES], mark = arrow_mark_of((uint64_t)length);
    if (length <= SAMPLES) {
        arrow_marks(node->children[0], child, child->offset + from, length, marks);
        for (int64_t i = 0; i < length; i++) mark = joined(mark, marks[i]);
        return mark;
    }
    for (int64_t i = 0; i < SAMPLES; i++) {
        int64_t item = length / SAMPLES * i + length % SAMPLES * i / SAMPLES;
        mark = joined(mark, single(node->children[0], child, child->offset + from + item));
    }
    return mark;
}

/* Where the items of a row lie. */
static int64_t items(const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t *length) {
    if (node->kind == ARROW_FIXED_LIST) {
        *length = node->list_size;
        return at * node->list_size;
    }
    int64_t from = arrow_offset(node, array, at);
    *length = node->kind == ARROW_LIST ? arrow_offset(node, array, at + 1) - from
                                       : arrow_integer(array->buffers[2], node->width, at);
    return from;
}

static void list_marks(const arrow_node *node, const struct ArrowArray *array, const uint8_t *validity, int64_t at,
                       int64_t count, uint64_t *marks) {
    for (int64_t i = 0; i < count; i++) {
        int64_t length;
        marks[i] = 0;
        if (validity != NULL && !arrow_bit(validity, at + i)) continue;
        int64_t from = items(node, array, at + i, &length);
        marks[i] = list_mark(node, array, from, length);
    }
}

static void struct_marks(const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count,
                         uint64_t *marks) {
    uint64_t more[BATCH];
    memset(marks, 0, (size_t)count * sizeof *marks);
    for (int c = 0; c < node->n_children; c++) {
        const struct ArrowArray *child = array->children[c];
        arrow_marks(node->children[c], child, child->offset + at, count, more);
        for (int64_t i = 0; i < count; i++) marks[i] = joined(marks[i], more[i]);
    }
}

static void union_marks(const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count,
                        uint64_t *marks) {
    for (int64_t i = 0; i < count; i++) {
        int child = arrow_union_child(node, array, at + i);
        uint64_t code = arrow_mark_of((uint64_t)node->codes[child]);
        int64_t row = arrow_union_row(node, array, child, at + i);
        marks[i] = joined(code, single(node->children[child], array->children[child], row));
    }
}

static void run_marks(const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count,
                      uint64_t *marks) {
    const struct ArrowArray *values = array->children[1];
    int64_t end = at + count;
    for (int64_t run = arrow_run_of(node, array, at); at < end; run++) {
        int64_t stop = arrow_run_end(node, array, run) < end ? arrow_run_end(node, array, run) : end;
        uint64_t mark = single(node->children[1], values, values->offset + run);
        for (; at < stop; at++) *marks++ = mark;
    }
}

/* ------------------------------------------------------------------------------------------------------------------ */

static void clear_nulls(const uint8_t *validity, int64_t at, int64_t count, uint64_t *marks) {
    for (int64_t i = 0; i < count; i += 64) {
        uint64_t nulls = arrow_bits_nulls(validity, at + i, count - i < 64 ? (int)(count - i) : 64);
        for (; nulls != 0; nulls &= nulls - 1) marks[i + __builtin_ctzll(nulls)] = 0;
    }
}

static void some_marks(const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count,
                       uint64_t *marks) {
    const uint8_t *validity = arrow_validity(node, array);
    switch (node->kind) {
    case ARROW_NULLS: memset(marks, 0, (size_t)count * sizeof *marks); return;
    case ARROW_BITS: bit_marks(array, at, count, marks); break;
    case ARROW_FIXED:
        if (node->dictionary != NULL)
            index_marks(node, array, validity, at, count, marks);
        else
            fixed_marks(node, array, at, count, marks);
        break;
    case ARROW_BINARY: text_marks(node, array, at, count, marks); break;
    case ARROW_VIEW: view_marks(array, validity, at, count, marks); return;
    case ARROW_LIST:
    case ARROW_LIST_VIEW:
    case ARROW_FIXED_LIST: list_marks(node, array, validity, at, count, marks); return;
    case ARROW_STRUCT: struct_marks(node, array, at, count, marks); break;
    case ARROW_SPARSE_UNION:
    case ARROW_DENSE_UNION: union_marks(node, array, at, count, marks); return;
    case ARROW_RUN_END: run_marks(node, array, at, count, marks); return;
    }
    if (validity != NULL) clear_nulls(validity, at, count, marks);
}

void arrow_marks(const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count, uint64_t *marks) {
    for (int64_t i = 0; i < count; i += BATCH)
        some_marks(node, array, at + i, count - i < BATCH ? count - i : BATCH, marks + i);
}

/* --- looking ------------------------------------------------------------------------------------------------------ */

/* The block may end behind the row where h is not below its greatest so far: 1 where it does. */
static int is_end(arrow_look *look, uint64_t h, int64_t taken) {
    if (h < look->greatest) return 0;
    look->greatest = h;
    look->best = taken;
    return h > look->threshold;
}

/* Four rows at a time, so that a row does not wait for the one before: MARK(i) is the mark of row i. */
#define LOOK_AT_ROWS(COUNT, TAKEN)                                                                                     \
    uint64_t h = look->h;                                                                                              \
    int64_t i = 0, rows = (COUNT);                                                                                     \
    for (; i + 4 <= rows; i += 4) {                                                                                    \
        uint64_t a = MARK(i), b = 2 * a + MARK(i + 1), c = 2 * b + MARK(i + 2), d = 2 * c + MARK(i + 3);               \
        uint64_t greatest = look->greatest;                                                                            \
        a += 2 * h, b += 4 * h, c += 8 * h, h = d + 16 * h;                                                            \
        if (a < greatest && b < greatest && c < greatest && h < greatest) continue;                                    \
        if (is_end(look, a, (TAKEN) + i + 1) || is_end(look, b, (TAKEN) + i + 2)) return 1;                            \
        if (is_end(look, c, (TAKEN) + i + 3) || is_end(look, h, (TAKEN) + i + 4)) return 1;                            \
    }                                                                                                                  \
    for (; i < rows; i++) {                                                                                            \
        h = 2 * h + MARK(i);                                                                                           \
        if (is_end(look, h, (TAKEN) + i + 1)) return 1;                                                                \
    }                                                                                                                  \
    look->h = h

#define MARK(ROW) marks[ROW]

static int look_at_marks(arrow_look *look, const uint64_t *marks, int64_t count, int64_t taken) {
    LOOK_AT_ROWS(count, taken);
    return 0;
}

#undef MARK

/* Marks of plain numbers are cheaper made than kept; a null counts as zero. */
#define LOOK_AT_NUMBERS(WIDTH)                                                                                         \
    static int look_at_numbers##WIDTH(arrow_look *look, const uint8_t *values, int64_t count, int64_t taken) {         \
        LOOK_AT_ROWS(count, taken);                                                                                    \
        return 0;                                                                                                      \
    }

#define LOOK_AT_SOME_NUMBERS(WIDTH)                                                                                    \
    static int look_at_some##WIDTH(arrow_look *look, const uint8_t *values, uint64_t valid, int64_t count, int64_t taken) { \
        LOOK_AT_ROWS(count, taken);                                                                                    \
        return 0;                                                                                                      \
    }                                                                                                                  \
    static int look_at_some_numbers##WIDTH(arrow_look *look, const uint8_t *values, const uint8_t *validity, int64_t at, \
                                           int64_t count, int64_t taken) {                                             \
        for (int64_t start = 0; start < count; start += 64) {                                                          \
            int rows = count - start < 64 ? (int)(count - start) : 64;                                                 \
            uint64_t valid = arrow_bits_word(validity, at + start, rows);                                              \
            if (look_at_some##WIDTH(look, values + (WIDTH) * start, valid, rows, taken + start)) return 1;             \
        }                                                                                                              \
        return 0;                                                                                                      \
    }

#define MARK(ROW) arrow_mark_of(word_of(values + 1 * (ROW), 1))
LOOK_AT_NUMBERS(1)
#undef MARK
#define MARK(ROW) arrow_mark_of(word_of(values + 1 * (ROW), 1) & (0 - (valid >> (ROW) & 1)))
LOOK_AT_SOME_NUMBERS(1)
#undef MARK

#define MARK(ROW) arrow_mark_of(word_of(values + 2 * (ROW), 2))
LOOK_AT_NUMBERS(2)
#undef MARK
#define MARK(ROW) arrow_mark_of(word_of(values + 2 * (ROW), 2) & (0 - (valid >> (ROW) & 1)))
LOOK_AT_SOME_NUMBERS(2)
#undef MARK

#define MARK(ROW) arrow_mark_of(word_of(values + 4 * (ROW), 4))
LOOK_AT_NUMBERS(4)
#undef MARK
#define MARK(ROW) arrow_mark_of(word_of(values + 4 * (ROW), 4) & (0 - (valid >> (ROW) & 1)))
LOOK_AT_SOME_NUMBERS(4)
#undef MARK

#define MARK(ROW) arrow_mark_of(word_of(values + 8 * (ROW), 8))
LOOK_AT_NUMBERS(8)
#undef MARK
#define MARK(ROW) arrow_mark_of(word_of(values + 8 * (ROW), 8) & (0 - (valid >> (ROW) & 1)))
LOOK_AT_SOME_NUMBERS(8)
#undef MARK

#define LOOK_BY_WIDTH(WIDTH)                                                                                           \
    case WIDTH:                                                                                                        \
        if (validity == NULL) return look_at_numbers##WIDTH(look, values, count, taken);                               \
        return look_at_some_numbers##WIDTH(look, values, validity, at, count, taken)

/* As arrow_look_at; -1 where these are no plain numbers. */
static int look_at_plain(arrow_look *look, const arrow_node *node, const struct ArrowArray *array, int64_t at,
                         int64_t count, int64_t taken) {
    const uint8_t *validity = arrow_validity(node, array);
    int is_mapped = node->dictionary != NULL && node->dictionary->map != NULL;
    if (node->kind != ARROW_FIXED || is_mapped) return -1;
    const uint8_t *values = (const uint8_t *)array->buffers[1] + at * node->width;
    switch (node->width) {
        LOOK_BY_WIDTH(1);
        LOOK_BY_WIDTH(2);
        LOOK_BY_WIDTH(4);
        LOOK_BY_WIDTH(8);
    default: return -1;
    }
}

int arrow_look_at(arrow_look *look, const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count,
                  int64_t taken) {
    uint64_t marks[BATCH];
    int plain = look_at_plain(look, node, array, at, count, taken);
    if (plain >= 0) return plain;
    for (int64_t i = 0; i < count; i += BATCH) {
        int64_t some = count - i < BATCH ? count - i : BATCH;
        some_marks(node, array, at + i, some, marks);
        if (look_at_marks(look, marks, some, taken + i)) return 1;
    }
    return 0;
}
