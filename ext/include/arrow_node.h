/* The type of a column as a tree, and in every node the part of the encoded rows that belongs to it.
 *
 * Positions: `at` is always physical in the array that is passed with it (its offset is added already). */
#ifndef MLOPS_ARROW_NODE_H
#define MLOPS_ARROW_NODE_H

#include <stdint.h>

#include "arrow/c/abi.h"
#include "arrow_buffer.h"

typedef enum {
    ARROW_NULLS,
    ARROW_BITS,       /* boolean */
    ARROW_FIXED,      /* numbers, times, decimals, fixed-size binary, dictionary indices */
    ARROW_BINARY,     /* string and binary with offsets */
    ARROW_VIEW,       /* string and binary view */
    ARROW_LIST,       /* list, large list, map */
    ARROW_LIST_VIEW,
    ARROW_FIXED_LIST,
    ARROW_STRUCT,
    ARROW_SPARSE_UNION,
    ARROW_DENSE_UNION,
    ARROW_RUN_END,
} arrow_kind;

typedef enum {
    ARROW_OK,
    ARROW_MEMORY,      /* memory is exhausted */
    ARROW_UNSUPPORTED, /* a type that is not known here */
    ARROW_INVALID,     /* data that break the Arrow format */
    ARROW_TOO_LARGE,   /* data that the type cannot hold once it is brought into the canonical layout */
    ARROW_PYTHON,      /* a Python exception is set */
} arrow_status;

/* One per grid; the first failure is kept. */
typedef struct {
    arrow_status status;
    char message[256];
    int depth; /* of the type being built, through dictionaries too */
} arrow_error;

/* Always -1, so that a failure can be returned in one line. */
int arrow_fail(arrow_error *error, arrow_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

typedef struct {
    uint64_t low, high;
} arrow_digest; /* the digest of one row's value; compared for equality only */

typedef struct arrow_node {
    arrow_error *error;
    arrow_kind kind;
    int width;         /* bytes of a value (FIXED), an offset (BINARY, LIST, LIST_VIEW) or a run end (RUN_END) */
    int ends_width;    /* RUN_END: bytes of a run end in the arrays being read */
    int64_t run_bits;  /* RUN_END: weight of a row without its value */
    int64_t list_size; /* FIXED_LIST */
    int nullable;
    int is_signed;     /* FIXED: indices of a dictionary */
    int n_children;
    struct arrow_node **children;
    int8_t codes[128];     /* unions: type code of each child */
    int8_t child_of[128];  /* unions: child of each type code, -1 where none */
    struct arrow_dictionary *dictionary; /* FIXED: what the indices point into */
    int dictionary_nodes; /* dictionaries in this tree, not counting those inside dictionaries */

    int64_t row_bits;  /* weight of any row (arrow_weight.h), or -1 where it depends on the value */
    int64_t null_bits; /* weight of a row under a null */
    int checked_whole; /* there are views, offsets of unions or runs in the tree, that may point anywhere */

    /* The rows encoded so far. */
    int64_t length;
    int64_t null_count;
    arrow_bits validity; /* empty while there are no nulls */
    arrow_bits bits;     /* BITS */
    arrow_buffer first;  /* values, offsets, views, type codes */
    arrow_buffer second; /* bytes of strings, sizes of list views, offsets of dense unions */
    int running;         /* RUN_END: `last_value` is the value of the last run */
    arrow_digest last_value;
} arrow_node;

/* Build the tree; NULL with `error` set. Dictionaries get columns of their own. */
arrow_node *arrow_node_new(const struct ArrowSchema *schema, arrow_error *error);
void arrow_node_free(arrow_node *node);

/* Forget the encoded rows, and keep the room they took. */
void arrow_node_clear(arrow_node *node);

/* Make the encoded rows independent of the array that their buffers may borrow from. 0 or -1. */
int arrow_node_own(arrow_node *node);

#endif
