/* Checking what a producer hands over, before anything is followed by pointer or index.
 *
 * The interface does not tell how long most buffers are: a producer that lies about that cannot be found out. */
#ifndef MLOPS_ARROW_VALIDATE_H
#define MLOPS_ARROW_VALIDATE_H

#include "arrow_node.h"

/* Number of buffers, children, dictionaries, lengths: of the whole tree. 0, or -1 with the error set. */
int arrow_check_shape(const arrow_node *node, const struct ArrowArray *array);

/* Offsets, indices, codes, views and run ends of rows [at, at + count) and all they lead to, dictionaries apart. */
int arrow_check_rows(const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count);

#endif
