/* Digests of files remembered by place and stat signature: a table of 48-byte records, found by hashing.
 *
 * A record does not hold the signature but a seal over key, signature and digest. So one comparison tells
 * that the file looks as it did and that the record is whole: a damaged or half-written record is a miss.
 */
#ifndef MLOPS_SCAN_TABLE_H
#define MLOPS_SCAN_TABLE_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    int64_t size;     /* bytes */
    int64_t modified; /* ns of Unix time */
    int64_t changed;  /* ns of Unix time */
    uint64_t inode;
} scan_signature;

typedef struct {
    uint8_t key[16]; /* all zero: a free slot */
    uint8_t digest[16];
    uint8_t seal[16];
} stat_record;

/* `base` is what a file holds (never written to), `own` what was put since; `own` comes first. */
typedef struct {
    const stat_record *base;
    size_t base_capacity;
    stat_record *own;
    size_t own_capacity;
    size_t own_count;
} stat_table;

/* The key of `name` inside the folder with the key `folder`. */
void stat_key(const uint8_t *folder, const char *name, size_t length, uint8_t *key);

/* 1 and the digest, or 0. */
int stat_find(const stat_table *table, const uint8_t *key, const scan_signature *signature, uint8_t *digest);

/* 0, or ENOMEM. */
int stat_put(stat_table *table, const uint8_t *key, const scan_signature *signature, const uint8_t *digest);

/* Slot of `key` in `records`, or the free one where it belongs; `capacity` where there is neither. */
size_t stat_slot(const stat_record *records, size_t capacity, const uint8_t *key);

size_t stat_count(const stat_record *records, size_t capacity);

/* Write what is in `own`, then what is only in `base` (if `with_base`), into zeroed `records`. */
void stat_merge(const stat_table *table, int with_base, stat_record *records, size_t capacity);

void stat_clear(stat_table *table); /* forgets `own` */

#endif
