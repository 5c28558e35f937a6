/* See arrow_type_digest.h. Everything of varying length is preceded by its length; metadata are sorted. */
#include "arrow_type_digest.h"

#include <stdlib.h>
#include <string.h>

#define EXTENSION "ARROW:extension:"

typedef struct {
    const char *key, *value;
    int32_t key_length, value_length;
} entry;

static int put_raw(arrow_buffer *out, const void *bytes, size_t length) {
    uint8_t *place;
    if (length == 0) return 0;
    if (arrow_buffer_extend(out, length, &place) != 0) return -1;
    memcpy(place, bytes, length);
    return 0;
}

static int put_number(arrow_buffer *out, uint64_t number) { return put_raw(out, &number, sizeof number); }

static int put_text(arrow_buffer *out, const char *text, size_t length) {
    return put_number(out, length) == 0 ? put_raw(out, text, length) : -1;
}

static int compare_bytes(const char *a, int32_t a_length, const char *b, int32_t b_length) {
    int order = memcmp(a, b, (size_t)(a_length < b_length ? a_length : b_length));
    return order != 0 ? order : (a_length > b_length) - (a_length < b_length);
}

static int compare_entries(const void *left, const void *right) {
    const entry *a = left, *b = right;
    int order = compare_bytes(a->key, a->key_length, b->key, b->key_length);
    return order != 0 ? order : compare_bytes(a->value, a->value_length, b->value, b->value_length);
}

static const char *read_text(const char *at, const char **text, int32_t *length) {
    memcpy(length, at, sizeof *length);
    *text = at + sizeof *length;
    return *text + *length;
}

static int is_extension(const entry *e) {
    size_t length = sizeof EXTENSION - 1;
    return (size_t)e->key_length >= length && memcmp(e->key, EXTENSION, length) == 0;
}

/* Entries of `metadata` that belong to the extension, or do not; their number, -1 where memory is exhausted. */
static int32_t select_entries(const char *metadata, int extension, entry **entries) {
    int32_t count = 0, selected = 0;
    if (metadata != NULL) memcpy(&count, metadata, sizeof count);
    *entries = malloc(((size_t)(count > 0 ? count : 0) + 1) * sizeof **entries);
    if (*entries == NULL) return -1;
    const char *at = metadata == NULL ? NULL : metadata + sizeof count;
    for (int32_t i = 0; i < count; i++) {
        entry e;
        at = read_text(at, &e.key, &e.key_length);
        at = read_text(at, &e.value, &e.value_length);
        if (is_extension(&e) == extension) (*entries)[selected++] = e;
    }
    qsort(*entries, (size_t)selected, sizeof **entries, compare_entries);
    return selected;
}

static int put_metadata(arrow_buffer *out, const char *metadata, int extension) {
    entry *entries;
    int32_t count = select_entries(metadata, extension, &entries);
    int status = count < 0 ? -1 : put_number(out, (uint64_t)count);
    for (int32_t i = 0; status == 0 && i < count; i++) {
        status = put_text(out, entries[i].key, (size_t)entries[i].key_length);
        if (status == 0) status = put_text(out, entries[i].value, (size_t)entries[i].value_length);
    }
    free(entries);
    return status;
}

int arrow_put_field(arrow_buffer *out, const struct ArrowSchema *schema) {
    const char *name = schema->name == NULL ? "" : schema->name;
    if (put_text(out, name, strlen(name)) != 0) return -1;
    if (put_number(out, (schema->flags & ARROW_FLAG_NULLABLE) != 0) != 0) return -1;
    return put_metadata(out, schema->metadata, 0);
}

int arrow_put_fields(arrow_buffer *out, const struct ArrowSchema *schema) {
    int status = put_metadata(out, schema->metadata, 0);
    if (status == 0) status = put_metadata(out, schema->metadata, 1);
    if (status == 0) status = put_number(out, (uint64_t)schema->n_children);
    for (int64_t i = 0; status == 0 && i < schema->n_children; i++) status = arrow_put_field(out, schema->children[i]);
    return status;
}

/* "d:19,10,128" is "d:19,10" said in full. */
static size_t format_length(const char *format) {
    size_t length = strlen(format);
    int spelled_out = strncmp(format, "d:", 2) == 0 && length > 4 && strcmp(format + length - 4, ",128") == 0 &&
                      strchr(format, ',') != format + length - 4;
    return spelled_out ? length - 4 : length;
}

int arrow_put_type(arrow_buffer *out, const struct ArrowSchema *schema) {
    int64_t flags = 0;
    if (schema->dictionary != NULL) flags |= schema->flags & ARROW_FLAG_DICTIONARY_ORDERED;
    if (strcmp(schema->format, "+m") == 0) flags |= schema->flags & ARROW_FLAG_MAP_KEYS_SORTED;
    int status = put_text(out, schema->format, format_length(schema->format));
    if (status == 0) status = put_number(out, (uint64_t)flags);
    if (status == 0) status = put_metadata(out, schema->metadata, 1);
    if (status == 0) status = put_number(out, (uint64_t)schema->n_children);
    for (int64_t i = 0; status == 0 && i < schema->n_children; i++) {
        status = arrow_put_field(out, schema->children[i]);
        if (status == 0) status = arrow_put_type(out, schema->children[i]);
    }
    if (status == 0) status = put_number(out, schema->dictionary != NULL);
    return status == 0 && schema->dictionary != NULL ? arrow_put_type(out, schema->dictionary) : status;
}
