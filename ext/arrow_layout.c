/* See arrow_layout.h. */
#include "arrow_layout.h"

static int put(arrow_buffer *out, const void *bytes, size_t length) {
    uint8_t *place;
    if (arrow_buffer_extend(out, length, &place) != 0) return -1;
    memcpy(place, bytes, length);
    return 0;
}

/* The table of sizes behind the buffers of views is made anew for each export, and says nothing new. */
static int64_t lasting_buffers(const struct ArrowSchema *schema, const struct ArrowArray *array) {
    int is_view = schema->dictionary == NULL && schema->format[0] == 'v';
    return array->n_buffers - (is_view ? 1 : 0);
}

int arrow_put_layout(arrow_buffer *layout, arrow_buffer *addresses, const struct ArrowSchema *schema,
                     const struct ArrowArray *array) {
    int64_t buffers = lasting_buffers(schema, array);
    int64_t numbers[4] = {array->length, array->offset, buffers, array->n_children};
    if (put(layout, numbers, sizeof numbers) != 0) return -1;
    for (int64_t i = 0; i < buffers; i++) {
        uint64_t address = (uint64_t)(uintptr_t)array->buffers[i];
        if (put(layout, &address, 8) != 0) return -1;
        if (address != 0 && put(addresses, &address, 8) != 0) return -1;
    }
    for (int64_t i = 0; i < array->n_children; i++)
        if (arrow_put_layout(layout, addresses, schema->children[i], array->children[i]) != 0) return -1;
    if (array->dictionary == NULL || schema->dictionary == NULL) return 0;
    return arrow_put_layout(layout, addresses, schema->dictionary, array->dictionary);
}
