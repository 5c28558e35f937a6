#define _GNU_SOURCE
#include "scan_list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scan_look.h"

typedef struct {
    scan_entry *entries;
    char *names;
    size_t count, capacity, used, room;
} listing;

static int make_room(listing *list, size_t bytes) {
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 32;
        scan_entry *grown = realloc(list->entries, capacity * sizeof *grown);
        if (grown == NULL) return ENOMEM;
        list->entries = grown;
        list->capacity = capacity;
    }
    if (list->used + bytes > list->room) {
        size_t room = list->room ? 2 * list->room + bytes : 1024;
        char *grown = realloc(list->names, room);
        if (grown == NULL) return ENOMEM;
        list->names = grown;
        list->room = room;
    }
    return 0;
}

/* SCAN_KINDS: a link, or a file system that does not say; to be looked at right away. */
static scan_kind kind_of(const struct dirent *found) {
    switch (found->d_type) {
    case DT_DIR: return SCAN_FOLDER;
    case DT_LNK:
    case DT_UNKNOWN: return SCAN_KINDS;
    default: return SCAN_UNSEEN;
    }
}

static int add(listing *list, const struct dirent *found) {
    size_t length = strlen(found->d_name);
    int error = make_room(list, length + 1);
    if (error != 0) return error;
    scan_entry *entry = &list->entries[list->count++];
    memset(entry, 0, sizeof *entry);
    entry->signature.size = (int64_t)list->used; /* where the name is: the block may still move */
    entry->name_length = (uint32_t)length;
    entry->kind = kind_of(found);
    memcpy(list->names + list->used, found->d_name, length + 1);
    list->used += length + 1;
    return 0;
}

static int is_left_out(const char *name, const char *left_out) {
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, left_out) == 0;
}

static int read_names(int descriptor, const char *left_out, listing *list) {
    int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0); /* closedir closes it */
    DIR *folder = copy < 0 ? NULL : fdopendir(copy);
    int error = folder == NULL ? errno : 0;
    if (folder == NULL && copy >= 0) close(copy);
    while (error == 0) {
        errno = 0;
        const struct dirent *found = readdir(folder);
        if (found == NULL) {
            error = errno;
            break;
        }
        if (!is_left_out(found->d_name, left_out)) error = add(list, found);
    }
    if (folder != NULL) closedir(folder);
    return error;
}

static int by_name(const void *one, const void *other) {
    return strcmp(((const scan_entry *)one)->name, ((const scan_entry *)other)->name);
}

static void take_over(scan_folder *folder, listing *list) {
    for (size_t i = 0; i < list->count; i++) {
        list->entries[i].name = list->names + list->entries[i].signature.size;
        list->entries[i].signature.size = 0;
    }
    if (list->count > 1) qsort(list->entries, list->count, sizeof *list->entries, by_name);
    folder->entries = list->entries;
    folder->names = list->names;
    folder->count = list->count;
}

/* Look at the links; returns the number of folders inside, or -1 after noting an error. */
static long look_at_links(scan_tree *tree, scan_folder *folder, int descriptor) {
    long folders = 0;
    for (size_t i = 0; i < folder->count; i++) {
        scan_entry *entry = &folder->entries[i];
        if (entry->kind == SCAN_KINDS) {
            int error = scan_look(descriptor, folder, entry);
            if (error != 0) {
                scan_tree_fail(tree, error, folder, entry);
                return -1;
            }
        }
        folders += entry->kind == SCAN_FOLDER;
    }
    return folders;
}

static int open_and_read(scan_tree *tree, scan_folder *folder, scan_held *held) {
    struct stat status;
    listing list = {0};
    int error = scan_hold(tree, folder, held);
    if (error != 0) return error;
    if (fstat(held->descriptor, &status) != 0) return errno;
    folder->device = (uint64_t)status.st_dev;
    folder->inode = (uint64_t)status.st_ino;
    error = read_names(held->descriptor, tree->left_out, &list);
    if (error == 0) {
        take_over(folder, &list);
    } else {
        free(list.entries);
        free(list.names);
    }
    return error;
}

static long list_folder(scan_tree *tree, scan_folder *folder, scan_held *held) {
    int error = open_and_read(tree, folder, held);
    if (error == 0) return look_at_links(tree, folder, held->descriptor);
    if (error == ENOENT && folder->parent != NULL)
        folder->gone = 1;
    else if (error == ENOTDIR && folder->parent != NULL)
        atomic_store(&tree->changed, 1);
    else
        scan_tree_fail(tree, error, folder, NULL);
    return 0;
}

int scan_queue_init(scan_queue *queue, scan_tree *tree) {
    *queue = (scan_queue){.tree = tree, .first = tree->folders[0], .waiting = 1};
    return pthread_cond_init(&queue->more, NULL);
}

void scan_queue_free(scan_queue *queue) { pthread_cond_destroy(&queue->more); }

/* Under the lock. */
static int push_inner(scan_queue *queue, scan_folder *folder) {
    for (size_t i = folder->count; i-- > 0;) { /* so that they are taken in the order of their names */
        scan_entry *entry = &folder->entries[i];
        if (entry->kind != SCAN_FOLDER) continue;
        entry->folder = scan_tree_add(queue->tree, folder, entry);
        if (entry->folder == NULL) return ENOMEM;
        entry->folder->next = queue->first;
        queue->first = entry->folder;
        queue->waiting++;
    }
    return 0;
}

/* Under the lock: the next folder; NULL when all are done or work was stopped. */
static scan_folder *take(scan_queue *queue) {
    while (queue->first == NULL && queue->busy > 0) pthread_cond_wait(&queue->more, &queue->tree->lock);
    if (queue->first == NULL || atomic_load(&queue->tree->stopped)) return NULL;
    scan_folder *folder = queue->first;
    queue->first = folder->next;
    queue->waiting--;
    queue->busy++;
    return folder;
}

/* Take a folder, list it and add what is inside; 0 when nothing is left to do. */
static int step(scan_queue *queue, scan_held *held) {
    scan_tree *tree = queue->tree;
    pthread_mutex_lock(&tree->lock);
    scan_folder *folder = take(queue);
    pthread_mutex_unlock(&tree->lock);
    if (folder == NULL) return 0;
    long inner = list_folder(tree, folder, held);
    pthread_mutex_lock(&tree->lock);
    int error = inner > 0 ? push_inner(queue, folder) : 0;
    queue->busy--;
    pthread_cond_broadcast(&queue->more);
    pthread_mutex_unlock(&tree->lock);
    if (error != 0) scan_tree_fail(tree, error, folder, NULL);
    return 1;
}

int scan_list_some(scan_queue *queue, size_t enough) {
    scan_held held = {NULL, -1};
    int more = 1;
    while (more && queue->waiting <= enough) more = step(queue, &held);
    scan_let_go(&held);
    return more;
}

void scan_list_all(void *context) {
    scan_held held = {NULL, -1};
    while (step(context, &held)) continue;
    scan_let_go(&held);
}
