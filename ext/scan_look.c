#define _GNU_SOURCE
#include "scan_look.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "xxh3.h"

void scan_set_special(scan_entry *entry) {
    static const char tag[] = "special file/0"; /* with its zero byte */
    entry->kind = SCAN_SPECIAL;
    entry->state = SCAN_KNOWN;
    xxh3_digest(tag, sizeof tag, entry->digest);
}

static void set_seen(scan_entry *entry, const struct stat *status) {
    scan_signature_of(status, &entry->signature);
    entry->device = (uint64_t)status->st_dev;
    if (S_ISDIR(status->st_mode))
        entry->kind = SCAN_FOLDER;
    else if (S_ISREG(status->st_mode))
        entry->kind = SCAN_FILE;
    else
        scan_set_special(entry);
}

static int read_target(int descriptor, scan_entry *entry, size_t *length) {
    for (size_t capacity = 256;; capacity *= 4) {
        char *text = realloc(entry->target, capacity + 1);
        if (text == NULL) return ENOMEM;
        entry->target = text;
        ssize_t got = readlinkat(descriptor, entry->name, text, capacity);
        if (got < 0) return errno;
        text[got] = 0;
        *length = (size_t)got;
        if ((size_t)got < capacity) return 0;
    }
}

static void set_by_target(scan_entry *entry, scan_kind kind, size_t length) {
    entry->kind = kind;
    entry->state = SCAN_KNOWN;
    xxh3_digest(entry->target, length, entry->digest);
}

static int leads_nowhere(int error) {
    return error == ENOENT || error == ELOOP || error == ENOTDIR || error == ENAMETOOLONG;
}

static int lies_in(const scan_folder *folder, const struct stat *status) {
    for (; folder != NULL; folder = folder->parent)
        if (folder->device == (uint64_t)status->st_dev && folder->inode == (uint64_t)status->st_ino) return 1;
    return 0;
}

static int look_behind(int descriptor, const scan_folder *folder, scan_entry *entry) {
    struct stat status;
    size_t length = 0;
    int error = read_target(descriptor, entry, &length);
    if (error == EINVAL) error = ENOENT; /* no link any more: it was replaced, so the listing is old */
    if (error != 0) return error;
    if (fstatat(descriptor, entry->name, &status, 0) != 0) {
        if (!leads_nowhere(errno)) return errno;
        set_by_target(entry, SCAN_LINK, length);
    } else if (S_ISDIR(status.st_mode) && lies_in(folder, &status)) {
        set_by_target(entry, SCAN_LOOP, length);
    } else {
        set_seen(entry, &status);
    }
    return 0;
}

int scan_look(int descriptor, const scan_folder *folder, scan_entry *entry) {
    struct stat status;
    int error = fstatat(descriptor, entry->name, &status, AT_SYMLINK_NOFOLLOW) != 0 ? errno : 0;
    if (error == 0 && S_ISLNK(status.st_mode))
        error = look_behind(descriptor, folder, entry);
    else if (error == 0)
        set_seen(entry, &status);
    if (error != ENOENT) return error;
    entry->kind = SCAN_GONE;
    return 0;
}
