/* Unifying the dictionaries of many arrays into one. */
#ifndef MLOPS_ARROW_DICTIONARY_H
#define MLOPS_ARROW_DICTIONARY_H

#include "arrow_column.h"

struct arrow_dictionary {
    arrow_column *column;  /* the entries, as a column of their own */
    int64_t count;         /* of entries */
    const int64_t *map;    /* index in the newest array's dictionary -> index here; NULL: the same */
    /* private */
    struct arrow_slot *slots;
    size_t n_slots, used;
    uint32_t generation;
    int64_t *map_memory;
    int64_t map_room;
    struct ArrowArray newest; /* what was taken last: length, offset and buffers, to know it again */
    const void *newest_buffers[3];
};

arrow_dictionary *arrow_dictionary_new(const struct ArrowSchema *schema, arrow_error *error);
void arrow_dictionary_free(arrow_dictionary *dictionary);

/* Add the entries of the dictionary of an array (validated), and set `map` for it. 0 or -1. The array must live
 * until the next call: neighbouring batches often share one dictionary, which is known again by its addresses.
 *
 * An entry is known by its value and by its how-manieth occurrence in its dictionary it is: a dictionary that
 * repeats a value keeps doing so, and equal dictionaries are one. */
int arrow_dictionary_take(arrow_dictionary *dictionary, struct ArrowArray *values);

/* Let a tree read arrays that another one reads: with its maps of indices and its width of run ends. With NULL it reads
 * what it has encoded itself. */
void arrow_read_like(arrow_node *node, const arrow_node *from);

#endif
