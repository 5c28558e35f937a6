/* See arrow_block.h. */
#include "arrow_block.h"

#include <stdlib.h>
#include <string.h>

#include "arrow_dictionary.h"
#include "arrow_encode.h"
#include "xxh3.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "cells of Arrow data are little-endian, and so must be the machine"
#endif

static const char MAGIC[8] = {'M', 'L', 'A', 'R', 'R', 'O', 'W', 1}; /* the last byte is the version */

/* --- which buffers ------------------------------------------------------------------------------------------------ */

static int has_validity(const arrow_node *node) { return node->kind != ARROW_NULLS && node->kind < ARROW_SPARSE_UNION; }

static int has_first(const arrow_node *node) {
    int is_union = node->kind == ARROW_SPARSE_UNION || node->kind == ARROW_DENSE_UNION;
    return is_union || (node->kind >= ARROW_FIXED && node->kind <= ARROW_LIST_VIEW);
}

static int has_second(const arrow_node *node) {
    return node->kind == ARROW_BINARY || node->kind == ARROW_VIEW || node->kind == ARROW_LIST_VIEW ||
           node->kind == ARROW_DENSE_UNION;
}

static int buffers_of(const arrow_node *node) {
    int count = has_validity(node) + (node->kind == ARROW_BITS) + has_first(node) + has_second(node);
    for (int i = 0; i < node->n_children; i++) count += buffers_of(node->children[i]);
    return count;
}

int arrow_block_places(const arrow_node *node) { return buffers_of(node) + (node->n_children > 0 ? 1 : 0); }

/* --- the maker ---------------------------------------------------------------------------------------------------- */

arrow_maker *arrow_maker_new(const struct ArrowSchema *schema) {
    arrow_maker *maker = calloc(1, sizeof *maker);
    if (maker == NULL) return NULL;
    maker->node = arrow_node_new(schema, &maker->error);
    if (maker->node != NULL) {
        maker->places = arrow_block_places(maker->node);
        maker->cells = calloc((size_t)maker->places + 1, sizeof *maker->cells);
        maker->digests = calloc((size_t)maker->places + 1, ARROW_DIGEST_BYTES);
        if (maker->cells != NULL && maker->digests != NULL) return maker;
    }
    arrow_maker_free(maker);
    return NULL;
}

void arrow_maker_free(arrow_maker *maker) {
    if (maker == NULL) return;
    arrow_node_free(maker->node);
    arrow_buffer_free(&maker->layout);
    free(maker->cells);
    free(maker->digests);
    free(maker);
}

/* --- layout and cells --------------------------------------------------------------------------------------------- */

static int put(arrow_maker *maker, const void *bytes, size_t length) {
    uint8_t *place;
    if (arrow_buffer_extend(&maker->layout, length, &place) != 0) return arrow_out_of_memory(maker->node);
    memcpy(place, bytes, length);
    return 0;
}

static int put_nodes(arrow_maker *maker, const arrow_node *node) {
    uint64_t lengths[2] = {(uint64_t)node->length, (uint64_t)node->null_count};
    if (node->kind == ARROW_NULLS) lengths[1] = lengths[0];
    int status = put(maker, lengths, sizeof lengths);
    for (int i = 0; status == 0 && i < node->n_children; i++) status = put_nodes(maker, node->children[i]);
    return status;
}

static int nodes_of(const arrow_node *node) {
    int count = 1;
    for (int i = 0; i < node->n_children; i++) count += nodes_of(node->children[i]);
    return count;
}

/* Lists without any row in this block still have their first offset. */
static int complete(const arrow_maker *maker, arrow_node *node) {
    int has_offsets = node->kind == ARROW_BINARY || node->kind == ARROW_LIST;
    if (!has_offsets || node->first.length > 0) return 0;
    return arrow_buffer_zeros(&node->first, (size_t)node->width) == 0 ? 0 : arrow_out_of_memory(maker->node);
}

static int list_buffers(arrow_maker *maker, arrow_node *node, int *place) {
    if (complete(maker, node) != 0) return -1;
    if (has_validity(node)) maker->cells[(*place)++] = node->validity.buffer;
    if (node->kind == ARROW_BITS) maker->cells[(*place)++] = node->bits.buffer;
    if (has_first(node)) maker->cells[(*place)++] = node->first;
    if (has_second(node)) maker->cells[(*place)++] = node->second;
    for (int i = 0; i < node->n_children; i++)
        if (list_buffers(maker, node->children[i], place) != 0) return -1;
    return 0;
}

static int put_layout(arrow_maker *maker) {
    uint32_t counts[2] = {(uint32_t)nodes_of(maker->node), (uint32_t)maker->places - 1};
    arrow_buffer_clear(&maker->layout);
    if (put(maker, MAGIC, sizeof MAGIC) != 0 || put(maker, counts, sizeof counts) != 0) return -1;
    if (put_nodes(maker, maker->node) != 0) return -1;
    for (int i = 1; i < maker->places; i++) {
        uint64_t length = maker->cells[i].length;
        if (put(maker, &length, sizeof length) != 0) return -1;
    }
    maker->cells[0] = maker->layout;
    return 0;
}

void arrow_xxh3_128(const void *bytes, size_t length, uint8_t digest[ARROW_DIGEST_BYTES]) {
    xxh3_digest(bytes, length, digest);
}

int arrow_make_block(arrow_maker *maker, const arrow_node *reader, const struct ArrowArray *array, int64_t at,
                     int64_t count) {
    int has_layout = maker->node->n_children > 0, place = has_layout;
    arrow_node_clear(maker->node);
    arrow_read_like(maker->node, reader); /* its own dictionaries are empty */
    if (arrow_encode(maker->node, array, at, count) != 0) return -1;
    if (list_buffers(maker, maker->node, &place) != 0) return -1;
    if (has_layout && put_layout(maker) != 0) return -1;
    memset(maker->digests, 0, (size_t)maker->places * ARROW_DIGEST_BYTES);
    for (int i = 0; i < maker->places; i++)
        if (maker->cells[i].length > 0)
            xxh3_digest(maker->cells[i].bytes, maker->cells[i].length, maker->digests + i * ARROW_DIGEST_BYTES);
    return 0;
}

/* --- the list ----------------------------------------------------------------------------------------------------- */

static int more_room(arrow_blocks *blocks) {
    size_t room = blocks->room == 0 ? 8 : 2 * blocks->room;
    int64_t *rows = realloc(blocks->rows, room * sizeof *rows);
    if (rows == NULL) return -1;
    blocks->rows = rows;
    uint8_t *digests = realloc(blocks->digests, room * (size_t)blocks->places * ARROW_DIGEST_BYTES + 1);
    if (digests == NULL) return -1;
    blocks->digests = digests;
    blocks->room = room;
    return 0;
}

int arrow_blocks_add(arrow_blocks *blocks, int64_t rows) {
    if (blocks->count == blocks->room && more_room(blocks) != 0) return -1;
    blocks->rows[blocks->count++] = rows;
    return 0;
}

void arrow_blocks_set(arrow_blocks *blocks, const arrow_maker *maker) {
    size_t length = (size_t)blocks->places * ARROW_DIGEST_BYTES;
    memcpy(blocks->digests + maker->index * length, maker->digests, length);
    for (int i = 0; i < blocks->places; i++) blocks->nbytes += (int64_t)maker->cells[i].length;
}

void arrow_blocks_free(arrow_blocks *blocks) {
    free(blocks->rows);
    free(blocks->digests);
    *blocks = (arrow_blocks){0};
}
