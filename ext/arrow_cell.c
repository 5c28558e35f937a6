/* See arrow_cell.h. */
#include "arrow_cell.h"

#include <stdlib.h>
#include <string.h>

#include "xxh3.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "cells of Arrow data are little-endian, and so must be the machine"
#endif

#define ALIGNMENT 64

static const char MAGIC[8] = {'M', 'L', 'A', 'R', 'R', 'O', 'W', 0}; /* the last byte is the version */
static const uint8_t PADDING[ALIGNMENT] = {0};

static int out_of_memory(const arrow_column *column) {
    return arrow_fail(column->error, ARROW_MEMORY, "memory is exhausted");
}

static int put(arrow_column *column, const void *bytes, size_t length) {
    uint8_t *place;
    if (arrow_buffer_extend(&column->header, length, &place) != 0) return out_of_memory(column);
    memcpy(place, bytes, length);
    return 0;
}

static int add_piece(arrow_column *column, const void *bytes, size_t length) {
    if (length == 0) return 0;
    if (column->n_pieces == column->piece_room) {
        size_t room = column->piece_room == 0 ? 16 : 2 * column->piece_room;
        arrow_piece *pieces = realloc(column->pieces, room * sizeof *pieces);
        if (pieces == NULL) return out_of_memory(column);
        column->pieces = pieces;
        column->piece_room = room;
    }
    column->pieces[column->n_pieces++] = (arrow_piece){bytes, length};
    return 0;
}

static size_t padding(size_t length) { return (ALIGNMENT - length % ALIGNMENT) % ALIGNMENT; }

/* A buffer's length goes into the header, its bytes become a piece. */
static int add_buffer(arrow_column *column, const arrow_buffer *buffer, uint32_t *count) {
    uint64_t length = buffer->length;
    (*count)++;
    if (put(column, &length, sizeof length) != 0) return -1;
    if (add_piece(column, buffer->bytes, buffer->length) != 0) return -1;
    return add_piece(column, PADDING, padding(buffer->length));
}

/* Lists without any row in this cell still have their first offset. */
static int complete(arrow_column *column, arrow_node *node) {
    int has_offsets = node->kind == ARROW_BINARY || node->kind == ARROW_LIST;
    if (!has_offsets || node->first.length > 0) return 0;
    return arrow_buffer_zeros(&node->first, (size_t)node->width) == 0 ? 0 : out_of_memory(column);
}

static int add_buffers(arrow_column *column, arrow_node *node, uint32_t *count) {
    int status = complete(column, node);
    if (status == 0 && node->kind != ARROW_NULLS && node->kind < ARROW_SPARSE_UNION)
        status = add_buffer(column, &node->validity.buffer, count);
    if (status == 0 && node->kind == ARROW_BITS) status = add_buffer(column, &node->bits.buffer, count);
    int has_first = (node->kind >= ARROW_FIXED && node->kind <= ARROW_LIST_VIEW) || node->kind == ARROW_SPARSE_UNION ||
                    node->kind == ARROW_DENSE_UNION;
    int has_second = node->kind == ARROW_BINARY || node->kind == ARROW_VIEW || node->kind == ARROW_LIST_VIEW ||
                     node->kind == ARROW_DENSE_UNION;
    if (status == 0 && has_first) status = add_buffer(column, &node->first, count);
    if (status == 0 && has_second) status = add_buffer(column, &node->second, count);
    for (int i = 0; status == 0 && i < node->n_children; i++) status = add_buffers(column, node->children[i], count);
    return status;
}

static int add_nodes(arrow_column *column, const arrow_node *node, uint32_t *count) {
    uint64_t lengths[2] = {(uint64_t)node->length, (uint64_t)node->null_count};
    if (node->kind == ARROW_NULLS) lengths[1] = lengths[0];
    (*count)++;
    int status = put(column, lengths, sizeof lengths);
    for (int i = 0; status == 0 && i < node->n_children; i++) status = add_nodes(column, node->children[i], count);
    return status;
}

int arrow_cell_pieces(arrow_column *column) {
    uint32_t counts[2] = {0, 0};
    arrow_buffer_clear(&column->header);
    column->n_pieces = 0;
    if (add_piece(column, MAGIC, sizeof MAGIC) != 0) return -1; /* stands in for the header until that is complete */
    if (put(column, MAGIC, sizeof MAGIC) != 0 || put(column, counts, sizeof counts) != 0) return -1;
    if (add_nodes(column, column->node, &counts[0]) != 0 || add_buffers(column, column->node, &counts[1]) != 0) return -1;
    if (put(column, PADDING, padding(column->header.length)) != 0) return -1;
    memcpy(column->header.owned + sizeof MAGIC, counts, sizeof counts);
    column->pieces[0] = (arrow_piece){column->header.bytes, column->header.length};
    return 0;
}

void arrow_xxh3_128(const void *bytes, size_t length, uint8_t digest[ARROW_DIGEST_BYTES]) {
    xxh3_digest(bytes, length, digest);
}

void arrow_cell_digest(const arrow_column *column, arrow_cell *cell) {
    xxh3_state state;
    xxh3_start(&state);
    cell->nbytes = 0;
    for (size_t i = 0; i < column->n_pieces; i++) {
        xxh3_feed(&state, column->pieces[i].bytes, column->pieces[i].length);
        cell->nbytes += (int64_t)column->pieces[i].length;
    }
    xxh3_finish(&state, cell->digest);
}
