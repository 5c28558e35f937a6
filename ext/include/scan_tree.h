/* A tree of folders in memory: names, kinds, stat signatures, digests. */
#ifndef MLOPS_SCAN_TREE_H
#define MLOPS_SCAN_TREE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "scan_table.h"

typedef enum {
    SCAN_UNSEEN,  /* not a folder and not a link, as the listing said; not looked at yet */
    SCAN_FILE,    /* a regular file, or a link to one */
    SCAN_SPECIAL, /* a pipe, a socket, a device: never opened */
    SCAN_FOLDER,
    SCAN_LINK, /* a link that leads nowhere */
    SCAN_LOOP, /* a link to a folder that it lies in */
    SCAN_GONE, /* removed since the folder was listed */
    SCAN_KINDS
} scan_kind;

typedef enum {
    SCAN_OPEN,   /* no digest yet */
    SCAN_KNOWN,  /* digest remembered from before, or of a thing that is not read */
    SCAN_READ,   /* digest of bytes that may have been changing while they were read */
    SCAN_STEADY, /* digest read, and the signature was the same before and after */
} scan_state;

typedef struct scan_folder scan_folder;

typedef struct {
    const char *name; /* ends with a zero byte */
    char *target;     /* text of a symbolic link, else NULL; ends with a zero byte */
    scan_folder *folder;
    uint32_t name_length;
    uint8_t kind;
    uint8_t state;
    uint64_t device;
    scan_signature signature;
    uint8_t digest[16];
} scan_entry;

struct scan_folder {
    scan_folder *parent; /* NULL for the top */
    scan_folder *next;   /* in the queue of folders to be listed */
    const char *name;    /* belongs to the parent; NULL for the top */
    uint32_t name_length;
    int gone;
    size_t depth; /* the top has 0 */
    uint64_t device, inode;
    scan_entry *entries; /* sorted by the bytes of their names */
    size_t count;
    size_t first; /* entries in folders before this one */
    char *names;
    uint8_t key[16];
    uint8_t digest[16];
};

typedef struct {
    int top; /* descriptor of the top folder, while something is opened by it */
    const char *left_out;
    scan_folder **folders; /* a folder stands after its parent */
    size_t count, capacity;
    size_t entries;
    /* What went wrong first: an errno value and where (malloc'ed, relative to the top). */
    pthread_mutex_t lock;
    int error;
    char *where;
    atomic_int stopped;
    atomic_int changed; /* what was listed as a file is a folder now, or the other way round */
} scan_tree;

int scan_tree_init(scan_tree *tree, const char *left_out);
void scan_tree_free(scan_tree *tree);

/* A new folder, appended to the tree; NULL without memory. Call it under the lock. */
scan_folder *scan_tree_add(scan_tree *tree, scan_folder *parent, const scan_entry *entry);

/* Note the first error and stop all work; `entry` may be NULL: the folder itself. */
void scan_tree_fail(scan_tree *tree, int error, const scan_folder *folder, const scan_entry *entry);

/* Path relative to the top, malloc'ed, or NULL without memory; `length` (may be NULL) without the zero byte. */
char *scan_path(const scan_folder *folder, const scan_entry *entry, size_t *length);

/* Number the entries through all folders, after listing. */
void scan_tree_number(scan_tree *tree);

/* The folder that entry number `index` lies in. */
size_t scan_tree_folder_of(const scan_tree *tree, size_t index);

void scan_signature_of(const struct stat *status, scan_signature *signature);

#endif
