/* Validity, and the kinds without children; see arrow_encode.h. */
#include "arrow_encode.h"

#include "arrow_dictionary.h"
#include "arrow_offsets.h"
#include "arrow_read.h"

int arrow_out_of_memory(const arrow_node *node) { return arrow_fail(node->error, ARROW_MEMORY, "memory is exhausted"); }

static int put_integer(uint8_t *place, int width, int64_t value) {
    memcpy(place, &value, (size_t)width); /* little-endian */
    return 0;
}

/* --- offsets ------------------------------------------------------------------------------------------------------ */

static int offset_room(arrow_node *node, int64_t count, int64_t last, uint8_t **place) {
    if (node->width == 4 && last > INT32_MAX)
        return arrow_fail(node->error, ARROW_TOO_LARGE, "one block holds more than 32-bit offsets can count (2 GiB)");
    if (node->first.length == 0 && arrow_buffer_zeros(&node->first, (size_t)node->width) != 0)
        return arrow_out_of_memory(node);
    if (arrow_buffer_extend(&node->first, (size_t)count * (size_t)node->width, place) != 0)
        return arrow_out_of_memory(node);
    return 0;
}

int arrow_encode_offsets(arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count, int64_t base) {
    uint8_t *place;
    int64_t shift = base - arrow_offset(node, array, at);
    if (offset_room(node, count, arrow_offset(node, array, at + count) + shift, &place) != 0) return -1;
    arrow_offsets_moved(place, arrow_offsets_at(node, array, at), node->width, count, shift);
    return 0;
}

int arrow_repeat_offset(arrow_node *node, int64_t value, int64_t count) {
    uint8_t *place;
    if (offset_room(node, count, value, &place) != 0) return -1;
    for (int64_t i = 0; i < count; i++, place += node->width) put_integer(place, node->width, value);
    return 0;
}

/* --- kinds without children --------------------------------------------------------------------------------------- */

static int encode_text(arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    int64_t from = arrow_offset(node, array, at);
    int64_t length = arrow_offset(node, array, at + count) - from;
    if (arrow_encode_offsets(node, array, at, count, (int64_t)node->second.length) != 0) return -1;
    if (length == 0) return 0;
    if (arrow_buffer_append(&node->second, (const uint8_t *)array->buffers[2] + from, (size_t)length) != 0)
        return arrow_out_of_memory(node);
    return 0;
}

/* Texts that lie one behind another in the source: they are taken in one piece. */
typedef struct {
    const uint8_t *bytes;
    size_t length;
} stretch;

static int put_stretch(arrow_node *node, const stretch *texts) {
    return arrow_buffer_append(&node->second, texts->bytes, texts->length) == 0 ? 0 : arrow_out_of_memory(node);
}

/* A short text with nothing behind it, or the prefix of a long one and where it will lie. */
static void put_view(const arrow_text *text, uint64_t offset, uint8_t *place) {
    uint64_t words[2], few = text->length < 4 ? text->length : 4, more = text->length < 4 ? 0 : text->length - 4;
    uint64_t kept = more >= 8 ? ~UINT64_C(0) : (UINT64_C(1) << 8 * more) - 1;
    uint32_t prefix;
    memcpy(&prefix, text->bytes, sizeof prefix);
    words[0] = text->length | ((uint64_t)prefix & ((UINT64_C(1) << 8 * few) - 1)) << 32;
    words[1] = ((offset << 32) & text->is_long) | (text->high & kept & ~text->is_long);
    memcpy(place, words, sizeof words);
}

static int encode_views(arrow_node *node, const struct ArrowArray *array, const uint8_t *validity, int64_t at,
                        int64_t count) {
    uint8_t *place;
    stretch texts = {NULL, 0};
    if (arrow_buffer_extend(&node->first, (size_t)count * ARROW_VIEW_WIDTH, &place) != 0) return arrow_out_of_memory(node);
    for (int64_t i = at; i < at + count; i++, place += ARROW_VIEW_WIDTH) {
        arrow_text text = arrow_text_at(array, validity, i);
        size_t offset = node->second.length + texts.length;
        if (offset > INT32_MAX)
            return arrow_fail(node->error, ARROW_TOO_LARGE, "one block holds more text than a view can point into (2 GiB)");
        if (text.is_long && text.bytes != texts.bytes + texts.length) {
            if (put_stretch(node, &texts) != 0) return -1;
            texts = (stretch){text.bytes, 0};
        }
        put_view(&text, offset, place);
        texts.length += text.length & text.is_long;
    }
    return put_stretch(node, &texts);
}

static int encode_indices(arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    uint8_t *place;
    const int64_t *map = node->dictionary->map;
    if (arrow_buffer_extend(&node->first, (size_t)count * (size_t)node->width, &place) != 0)
        return arrow_out_of_memory(node);
    const uint8_t *indices = (const uint8_t *)array->buffers[1] + at * node->width;
    arrow_indices_mapped(place, indices, node->width, count, map);
    return 0;
}

static int encode_fixed(arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    if (node->width == 0) return 0;
    if (node->dictionary != NULL && node->dictionary->map != NULL) return encode_indices(node, array, at, count);
    const uint8_t *values = (const uint8_t *)array->buffers[1] + at * node->width;
    if (arrow_buffer_append(&node->first, values, (size_t)count * (size_t)node->width) != 0)
        return arrow_out_of_memory(node);
    return 0;
}

static int encode_bits(arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    return arrow_bits_append(&node->bits, array->buffers[1], at, count) == 0 ? 0 : arrow_out_of_memory(node);
}

static int encode_valid(arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    switch (node->kind) {
    case ARROW_NULLS: return 0;
    case ARROW_BITS: return encode_bits(node, array, at, count);
    case ARROW_FIXED: return encode_fixed(node, array, at, count);
    case ARROW_BINARY: return encode_text(node, array, at, count);
    case ARROW_VIEW: return encode_views(node, array, NULL, at, count);
    default: return arrow_encode_nested(node, array, at, count);
    }
}

static int encode_empty(arrow_node *node, int64_t count) {
    int status = 0;
    switch (node->kind) {
    case ARROW_NULLS: return 0;
    case ARROW_BITS: status = arrow_bits_repeat(&node->bits, 0, count); break;
    case ARROW_FIXED: status = arrow_buffer_zeros(&node->first, (size_t)count * (size_t)node->width); break;
    case ARROW_BINARY: return arrow_repeat_offset(node, (int64_t)node->second.length, count);
    case ARROW_VIEW: status = arrow_buffer_zeros(&node->first, (size_t)count * ARROW_VIEW_WIDTH); break;
    default: return arrow_encode_nested_nulls(node, count);
    }
    return status == 0 ? 0 : arrow_out_of_memory(node);
}

/* --- validity ----------------------------------------------------------------------------------------------------- */

static int mark(arrow_node *node, int valid, int64_t count) {
    if (valid && node->null_count == 0) return 0;
    if (node->null_count == 0 && arrow_bits_repeat(&node->validity, 1, node->length) != 0)
        return arrow_out_of_memory(node);
    if (arrow_bits_repeat(&node->validity, valid, count) != 0) return arrow_out_of_memory(node);
    if (!valid) node->null_count += count;
    return 0;
}

static int copy_validity(arrow_node *node, const uint8_t *validity, int64_t at, int64_t count, int64_t nulls) {
    if (node->null_count == 0 && arrow_bits_repeat(&node->validity, 1, node->length) != 0)
        return arrow_out_of_memory(node);
    if (arrow_bits_append(&node->validity, validity, at, count) != 0) return arrow_out_of_memory(node);
    node->null_count += nulls;
    return 0;
}

/* A constant size makes one store of each of these. */
#define CLEAR_EACH(SIZE)                                                                                               \
    for (; nulls != 0; nulls &= nulls - 1) memset(place + (size_t)__builtin_ctzll(nulls) * (SIZE), 0, (SIZE))

static void clear_rows(uint8_t *place, size_t width, uint64_t nulls) {
    switch (width) {
    case 1: CLEAR_EACH(1); return;
    case 2: CLEAR_EACH(2); return;
    case 4: CLEAR_EACH(4); return;
    case 8: CLEAR_EACH(8); return;
    case 16: CLEAR_EACH(16); return;
    default: CLEAR_EACH(width);
    }
}

/* Values are copied in one go and zeroed under the nulls: faster than run by run. */
static int encode_fixed_with_nulls(arrow_node *node, const struct ArrowArray *array, const uint8_t *validity, int64_t at,
                                   int64_t count) {
    uint8_t *place;
    size_t width = (size_t)node->width;
    const uint8_t *values = (const uint8_t *)array->buffers[1] + (size_t)at * width;
    if (width == 0) return 0;
    if (arrow_buffer_extend(&node->first, (size_t)count * width, &place) != 0) return arrow_out_of_memory(node);
    for (int64_t i = 0; i < count; i += 64) {
        int rows = count - i < 64 ? (int)(count - i) : 64;
        memcpy(place + (size_t)i * width, values + (size_t)i * width, (size_t)rows * width);
        clear_rows(place + (size_t)i * width, width, arrow_bits_nulls(validity, at + i, rows));
    }
    return 0;
}

/* The text between the nulls, one stretch after another. */
static void copy_valid_text(const arrow_node *node, const struct ArrowArray *array, const uint8_t *validity, int64_t at,
                            int64_t count, uint8_t *place) {
    const uint8_t *text = array->buffers[2];
    int64_t from = arrow_offset(node, array, at), end = at + count;
    for (int64_t i = at; i < end; i += 64) {
        uint64_t nulls = arrow_bits_nulls(validity, i, end - i < 64 ? (int)(end - i) : 64);
        for (; nulls != 0; nulls &= nulls - 1) {
            int64_t row = i + __builtin_ctzll(nulls), to = arrow_offset(node, array, row);
            memcpy(place, text + from, (size_t)(to - from));
            place += to - from;
            from = arrow_offset(node, array, row + 1);
        }
    }
    memcpy(place, text + from, (size_t)(arrow_offset(node, array, end) - from));
}

/* Mostly nothing lies under nulls: then the text is one range, as it is without nulls. */
static int encode_text_with_nulls(arrow_node *node, const struct ArrowArray *array, const uint8_t *validity, int64_t at,
                                  int64_t count) {
    uint8_t *place;
    const uint8_t *offsets = arrow_offsets_at(node, array, at);
    int64_t base = (int64_t)node->second.length;
    int64_t under = arrow_offsets_under_nulls(offsets, node->width, count, validity, at);
    if (under == 0) return encode_text(node, array, at, count);
    int64_t length = arrow_offset(node, array, at + count) - arrow_offset(node, array, at) - under;
    if (offset_room(node, count, base + length, &place) != 0) return -1;
    arrow_offsets_of_valid(place, offsets, node->width, count, base, validity, at);
    if (length == 0) return 0;
    if (arrow_buffer_extend(&node->second, (size_t)length, &place) != 0) return arrow_out_of_memory(node);
    copy_valid_text(node, array, validity, at, count, place);
    return 0;
}

static int encode_with_nulls(arrow_node *node, const struct ArrowArray *array, const uint8_t *validity, int64_t at,
                             int64_t count, int64_t nulls) {
    int64_t end = at + count;
    if (copy_validity(node, validity, at, count, nulls) != 0) return -1;
    if (node->kind == ARROW_FIXED && (node->dictionary == NULL || node->dictionary->map == NULL))
        return encode_fixed_with_nulls(node, array, validity, at, count);
    if (node->kind == ARROW_BINARY) return encode_text_with_nulls(node, array, validity, at, count);
    if (node->kind == ARROW_VIEW) return encode_views(node, array, validity, at, count);
    for (int64_t i = at, run; i < end; i += run) {
        run = arrow_bits_run(validity, i, end);
        int valid = arrow_bit(validity, i);
        if ((valid ? encode_valid(node, array, i, run) : encode_empty(node, run)) != 0) return -1;
    }
    return 0;
}

int arrow_encode(arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    const uint8_t *validity = arrow_validity(node, array);
    int64_t nulls = validity == NULL ? 0 : count - arrow_bits_set(validity, at, count);
    int status;
    if (count == 0) return 0;
    if (nulls > 0)
        status = encode_with_nulls(node, array, validity, at, count, nulls);
    else
        status = mark(node, 1, count) == 0 ? encode_valid(node, array, at, count) : -1;
    node->length += count;
    return status;
}

/* Where nulls are not allowed, the row under a null is a valid zero. Unions and runs have no validity. */
int arrow_encode_nulls(arrow_node *node, int64_t count) {
    int marked = node->kind != ARROW_NULLS && node->kind < ARROW_SPARSE_UNION;
    if (count == 0) return 0;
    if (marked && mark(node, !node->nullable, count) != 0) return -1;
    int status = encode_empty(node, count);
    node->length += count;
    return status;
}
