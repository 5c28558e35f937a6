/* The canonical encoding of types and schemas: part of the pre-images of digests. */
#ifndef MLOPS_ARROW_TYPE_DIGEST_H
#define MLOPS_ARROW_TYPE_DIGEST_H

#include "arrow_node.h"

/* Append format, flags, extension, children and dictionary of a type. 0, or -1 where memory is exhausted. */
int arrow_put_type(arrow_buffer *out, const struct ArrowSchema *schema);

/* Append name, nullability and metadata (without the extension's) of a field. 0 or -1. */
int arrow_put_field(arrow_buffer *out, const struct ArrowSchema *schema);

/* Append the metadata of a table's schema and its fields, types apart. 0 or -1. */
int arrow_put_fields(arrow_buffer *out, const struct ArrowSchema *schema);

#endif
