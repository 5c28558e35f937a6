#define _GNU_SOURCE /* st_mtim, st_ctim */
#include "scan_tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int scan_tree_init(scan_tree *tree, const char *left_out) {
    memset(tree, 0, sizeof *tree);
    tree->top = -1;
    tree->left_out = left_out;
    atomic_init(&tree->stopped, 0);
    atomic_init(&tree->changed, 0);
    return pthread_mutex_init(&tree->lock, NULL);
}

static void free_folder(scan_folder *folder) {
    for (size_t i = 0; i < folder->count; i++) free(folder->entries[i].target);
    free(folder->entries);
    free(folder->names);
    free(folder);
}

void scan_tree_free(scan_tree *tree) {
    for (size_t i = 0; i < tree->count; i++) free_folder(tree->folders[i]);
    free(tree->folders);
    free(tree->where);
    pthread_mutex_destroy(&tree->lock);
}

scan_folder *scan_tree_add(scan_tree *tree, scan_folder *parent, const scan_entry *entry) {
    if (tree->count == tree->capacity) {
        size_t capacity = tree->capacity ? 2 * tree->capacity : 16;
        scan_folder **grown = realloc(tree->folders, capacity * sizeof *grown);
        if (grown == NULL) return NULL;
        tree->folders = grown;
        tree->capacity = capacity;
    }
    scan_folder *folder = calloc(1, sizeof *folder);
    if (folder == NULL) return NULL;
    if (parent != NULL) {
        folder->parent = parent;
        folder->name = entry->name;
        folder->name_length = entry->name_length;
        folder->depth = parent->depth + 1;
        stat_key(parent->key, entry->name, entry->name_length, folder->key);
    }
    return tree->folders[tree->count++] = folder;
}

static size_t path_length(const scan_folder *folder, const scan_entry *entry) {
    size_t length = entry != NULL ? entry->name_length + 1 : 0;
    for (; folder->parent != NULL; folder = folder->parent) length += folder->name_length + 1;
    return length > 0 ? length - 1 : 0; /* no slash at the end */
}

char *scan_path(const scan_folder *folder, const scan_entry *entry, size_t *length) {
    size_t end = path_length(folder, entry);
    char *path = malloc(end + 1);
    if (path == NULL) return NULL;
    if (length != NULL) *length = end;
    path[end] = 0;
    const char *name = entry != NULL ? entry->name : folder->name;
    size_t size = entry != NULL ? entry->name_length : folder->name_length;
    if (entry == NULL) folder = folder->parent;
    while (end > 0) {
        end -= size;
        memcpy(path + end, name, size);
        if (end == 0) break;
        path[--end] = '/';
        name = folder->name;
        size = folder->name_length;
        folder = folder->parent;
    }
    return path;
}

void scan_tree_fail(scan_tree *tree, int error, const scan_folder *folder, const scan_entry *entry) {
    pthread_mutex_lock(&tree->lock);
    if (tree->error == 0) {
        tree->error = error;
        tree->where = scan_path(folder, entry, NULL);
    }
    pthread_mutex_unlock(&tree->lock);
    atomic_store(&tree->stopped, 1);
}

void scan_tree_number(scan_tree *tree) {
    tree->entries = 0;
    for (size_t i = 0; i < tree->count; i++) {
        tree->folders[i]->first = tree->entries;
        tree->entries += tree->folders[i]->count;
    }
}

size_t scan_tree_folder_of(const scan_tree *tree, size_t index) {
    size_t low = 0, high = tree->count; /* the last folder with first <= index; empty ones come before it */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (tree->folders[middle]->first <= index)
            low = middle;
        else
            high = middle;
    }
    return low;
}

#ifdef __APPLE__
#define MODIFIED st_mtimespec
#define CHANGED st_ctimespec
#else
#define MODIFIED st_mtim
#define CHANGED st_ctim
#endif

void scan_signature_of(const struct stat *status, scan_signature *signature) {
    signature->size = (int64_t)status->st_size;
    signature->modified = (int64_t)status->MODIFIED.tv_sec * 1000000000 + status->MODIFIED.tv_nsec;
    signature->changed = (int64_t)status->CHANGED.tv_sec * 1000000000 + status->CHANGED.tv_nsec;
    signature->inode = (uint64_t)status->st_ino;
}
