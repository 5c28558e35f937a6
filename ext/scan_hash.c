#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "scan_each.h"
#include "scan_look.h"
#include "xxh3.h"

static const char TAG[SCAN_PREFIX] = "file/0"; /* with its zero byte */

/* Does not block where a pipe has taken the file's place. */
static int open_file(int folder, const char *name) {
    const int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY;
    int descriptor;
    do descriptor = openat(folder, name, flags | O_NONBLOCK);
    while (descriptor < 0 && errno == EINTR);
    if (descriptor < 0 && errno == EWOULDBLOCK) /* someone holds a lease on it and must first give it up */
        descriptor = openat(folder, name, flags);
    return descriptor;
}

/* Fill `place` up to `room` or the end of the file; how much, or -1. */
static ssize_t fill(int descriptor, uint8_t *place, size_t room) {
    size_t filled = 0;
    while (filled < room) {
        ssize_t got = read(descriptor, place + filled, room - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -1;
        if (got == 0) break;
        filled += (size_t)got;
    }
    return (ssize_t)filled;
}

/* Digest of all bytes from here on; 0, or an errno value. ECANCELED: work was stopped. */
static int hash_rest(scan_tree *tree, int descriptor, uint8_t *buffer, uint8_t *digest) {
    xxh3_state state;
    ssize_t got = fill(descriptor, buffer + SCAN_PREFIX, SCAN_BUFFER);
    if (got < 0) return errno;
    memcpy(buffer, TAG, SCAN_PREFIX);
    if (got < SCAN_BUFFER) {
        xxh3_digest(buffer, SCAN_PREFIX + (size_t)got, digest);
        return 0;
    }
    xxh3_start(&state);
    xxh3_feed(&state, buffer, SCAN_PREFIX + (size_t)got);
    while ((got = fill(descriptor, buffer, SCAN_BUFFER)) > 0) {
        if (atomic_load(&tree->stopped)) return ECANCELED;
        xxh3_feed(&state, buffer, (size_t)got);
    }
    if (got < 0) return errno;
    xxh3_finish(&state, digest);
    return 0;
}

static int hash_open(scan_tree *tree, int descriptor, uint8_t *buffer, scan_entry *entry) {
    struct stat status;
    scan_signature after;
    if (fstat(descriptor, &status) != 0) return errno;
    if (S_ISDIR(status.st_mode)) {
        atomic_store(&tree->changed, 1);
        return 0;
    }
    if (!S_ISREG(status.st_mode)) {
        scan_set_special(entry);
        return 0;
    }
    scan_signature_of(&status, &entry->signature);
    entry->device = (uint64_t)status.st_dev;
    int error = hash_rest(tree, descriptor, buffer, entry->digest);
    if (error != 0) return error;
    if (fstat(descriptor, &status) != 0) return errno;
    scan_signature_of(&status, &after);
    entry->state = memcmp(&after, &entry->signature, sizeof after) == 0 ? SCAN_STEADY : SCAN_READ;
    return 0;
}

void scan_visit_hash(scan_each *pass, scan_worker *worker, scan_folder *folder, scan_entry *entry) {
    if (entry->kind != SCAN_FILE || entry->state != SCAN_OPEN) return;
    if (!scan_enter(pass, worker, folder, entry)) return;
    int descriptor = open_file(worker->held.descriptor, entry->name);
    if (descriptor < 0 && errno == ENOENT) {
        entry->kind = SCAN_GONE;
        return;
    }
    int error = descriptor < 0 ? errno : hash_open(pass->tree, descriptor, worker->buffer, entry);
    if (descriptor >= 0) close(descriptor);
    if (error != 0 && error != ECANCELED) scan_tree_fail(pass->tree, error, folder, entry);
}
