/* Where an array lies: its lengths, offsets and the addresses of its buffers, children and dictionary included. */
#ifndef MLOPS_ARROW_LAYOUT_H
#define MLOPS_ARROW_LAYOUT_H

#include "arrow_node.h"

/* Append to `layout` all of that, and to `addresses` the addresses alone, 8 bytes each. 0, or -1 where memory is
 * exhausted. */
int arrow_put_layout(arrow_buffer *layout, arrow_buffer *addresses, const struct ArrowSchema *schema,
                     const struct ArrowArray *array);

#endif
