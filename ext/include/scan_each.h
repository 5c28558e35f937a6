/* Later passes: visit every entry of a listed tree, by several threads, each taking some at a time. */
#ifndef MLOPS_SCAN_EACH_H
#define MLOPS_SCAN_EACH_H

#include "scan_open.h"

enum { SCAN_PREFIX = 7, SCAN_BUFFER = 256 * 1024 };

typedef struct {
    scan_held held;
    uint8_t *buffer; /* SCAN_PREFIX + SCAN_BUFFER bytes, or NULL */
} scan_worker;

struct scan_each;
typedef void (*scan_visit)(struct scan_each *pass, scan_worker *worker, scan_folder *folder, scan_entry *entry);

typedef struct scan_each {
    scan_tree *tree;
    scan_visit visit;
    atomic_size_t next;
    size_t block; /* entries taken at once */
    int with_buffer;
    const stat_table *table; /* for scan_recall */
    const uint64_t *always;  /* devices whose small files are read every time */
    size_t always_count;
    int all_always; /* those of every device */
    int64_t small;  /* bytes: below that a file is small */
} scan_each;

void scan_each_init(scan_each *pass, scan_tree *tree, scan_visit visit);

void scan_each_run(void *context); /* a worker for scan_pool_start; `context` is a scan_each */

/* Whether files like this are read every time. */
int scan_is_untrusted(const scan_each *pass, const scan_entry *entry);

/* The visits: stat what was only listed; look up digests; read and hash files without one. */
void scan_visit_look(scan_each *pass, scan_worker *worker, scan_folder *folder, scan_entry *entry);
void scan_visit_recall(scan_each *pass, scan_worker *worker, scan_folder *folder, scan_entry *entry);
void scan_visit_hash(scan_each *pass, scan_worker *worker, scan_folder *folder, scan_entry *entry);

/* Hold the folder of `entry`; 0 where it cannot be opened: the entry is gone then, or an error is noted. */
int scan_enter(scan_each *pass, scan_worker *worker, scan_folder *folder, scan_entry *entry);

/* How many files have no digest yet, and their size in bytes. */
void scan_unread(const scan_tree *tree, size_t *files, uint64_t *size);

/* Put into `table` what was read steadily and last changed at `latest` or before (ns of Unix time).
 * Returns how many, or -1 without memory. */
long scan_remember(const scan_each *pass, stat_table *table, int64_t latest);

/* Digests of all folders, from the innermost out. */
void scan_fold(scan_tree *tree);

#endif
