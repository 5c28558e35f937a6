/* Format strings of the Arrow C data interface. */
#ifndef MLOPS_ARROW_FORMAT_H
#define MLOPS_ARROW_FORMAT_H

#include "arrow_node.h"

/* Set kind, width, list size and type codes of a node. 0, or -1 with the node's error set. */
int arrow_format_read(arrow_node *node, const char *format);

#endif
