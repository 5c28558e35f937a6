#include "scan_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "xxh3.h"

static const uint8_t FREE[16];
static const char TAG[8] = "stat/0";

enum { FIRST_CAPACITY = 64 };

void stat_key(const uint8_t *folder, const char *name, size_t length, uint8_t *key) {
    xxh3_state state;
    uint8_t small[16 + 256];
    if (length <= 256) { /* every name that a file system has */
        memcpy(small, folder, 16);
        memcpy(small + 16, name, length);
        xxh3_digest(small, 16 + length, key);
        return;
    }
    xxh3_start(&state);
    xxh3_feed(&state, folder, 16);
    xxh3_feed(&state, name, length);
    xxh3_finish(&state, key);
}

static void seal(const uint8_t *key, const scan_signature *signature, const uint8_t *digest, uint8_t *out) {
    uint8_t sealed[sizeof TAG + 16 + sizeof *signature + 16];
    memcpy(sealed, TAG, sizeof TAG);
    memcpy(sealed + sizeof TAG, key, 16);
    memcpy(sealed + sizeof TAG + 16, signature, sizeof *signature);
    memcpy(sealed + sizeof TAG + 16 + sizeof *signature, digest, 16);
    xxh3_digest(sealed, sizeof sealed, out);
}

/* Keys are hashes: the first half, as a fraction of its range, is the place. Records so lie in order of key,
 * nearly, and writing a larger table walks through both in one direction. */
static size_t home(const uint8_t *key, size_t capacity) {
    uint64_t head = 0;
    for (int i = 0; i < 8; i++) head = head << 8 | key[i];
    return (size_t)(((unsigned __int128)head * capacity) >> 64);
}

size_t stat_slot(const stat_record *records, size_t capacity, const uint8_t *key) {
    size_t place = capacity == 0 ? 0 : home(key, capacity);
    for (size_t tried = 0; tried < capacity; tried++) {
        const uint8_t *found = records[place].key;
        if (memcmp(found, key, 16) == 0 || memcmp(found, FREE, 16) == 0) return place;
        if (++place == capacity) place = 0;
    }
    return capacity;
}

/* 1: found and good; 0: found, but of another signature or damaged; -1: not found. */
static int look(const stat_record *records, size_t capacity, const uint8_t *key,
                const scan_signature *signature, uint8_t *digest) {
    uint8_t wanted[16];
    size_t place = stat_slot(records, capacity, key);
    if (place == capacity) return -1;
    stat_record record = records[place]; /* a copy: another process may be writing this slot */
    if (memcmp(record.key, key, 16) != 0) return -1;
    seal(key, signature, record.digest, wanted);
    if (memcmp(record.seal, wanted, 16) != 0) return 0;
    memcpy(digest, record.digest, 16);
    return 1;
}

int stat_find(const stat_table *table, const uint8_t *key, const scan_signature *signature, uint8_t *digest) {
    int found = look(table->own, table->own_capacity, key, signature, digest);
    if (found < 0) found = look(table->base, table->base_capacity, key, signature, digest);
    return found > 0;
}

static int grow(stat_table *table) {
    size_t capacity = table->own_capacity ? 2 * table->own_capacity : FIRST_CAPACITY;
    stat_record *records = calloc(capacity, sizeof *records);
    if (records == NULL) return ENOMEM;
    stat_merge(table, 0, records, capacity);
    free(table->own);
    table->own = records;
    table->own_capacity = capacity;
    return 0;
}

int stat_put(stat_table *table, const uint8_t *key, const scan_signature *signature, const uint8_t *digest) {
    if (2 * (table->own_count + 1) > table->own_capacity) {
        int error = grow(table);
        if (error != 0) return error;
    }
    stat_record *record = &table->own[stat_slot(table->own, table->own_capacity, key)];
    if (memcmp(record->key, FREE, 16) == 0) table->own_count++;
    memcpy(record->key, key, 16);
    memcpy(record->digest, digest, 16);
    seal(key, signature, digest, record->seal);
    return 0;
}

size_t stat_count(const stat_record *records, size_t capacity) {
    size_t count = 0;
    for (size_t i = 0; i < capacity; i++) count += memcmp(records[i].key, FREE, 16) != 0;
    return count;
}

static void add_missing(const stat_record *from, size_t count, stat_record *records, size_t capacity) {
    for (size_t i = 0; i < count; i++) {
        if (memcmp(from[i].key, FREE, 16) == 0) continue;
        size_t place = stat_slot(records, capacity, from[i].key);
        if (place < capacity && memcmp(records[place].key, FREE, 16) == 0) records[place] = from[i];
    }
}

void stat_merge(const stat_table *table, int with_base, stat_record *records, size_t capacity) {
    add_missing(table->own, table->own_capacity, records, capacity);
    if (with_base) add_missing(table->base, table->base_capacity, records, capacity);
}

void stat_clear(stat_table *table) {
    free(table->own);
    table->own = NULL;
    table->own_capacity = table->own_count = 0;
}
