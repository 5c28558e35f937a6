#define _GNU_SOURCE /* O_PATH */
#include "scan_open.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef O_PATH
#define STEP_FLAGS (O_PATH | O_DIRECTORY | O_CLOEXEC) /* needs the right to enter a folder, not to list it */
#else
#define STEP_FLAGS (O_RDONLY | O_DIRECTORY | O_CLOEXEC)
#endif
#define LAST_FLAGS (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

enum {
    PIECE_BYTES = 3800, /* Linux takes paths of up to 4096 bytes */
    PIECE_NAMES = 32,   /* and follows up to 40 links in one of them */
};

void scan_let_go(scan_held *held) {
    if (held->descriptor >= 0) close(held->descriptor);
    *held = (scan_held){NULL, -1};
}

static int open_again(int from, const char *path, int flags) {
    int descriptor;
    do descriptor = openat(from, path, flags);
    while (descriptor < 0 && errno == EINTR);
    return descriptor;
}

/* Write names[*at ...] as one path, as many as fit; moves *at on. */
static void piece(const scan_folder *const *names, size_t count, size_t *at, char *path) {
    size_t length = 0, taken = 0;
    while (*at < count && taken < PIECE_NAMES && length + names[*at]->name_length + 2 <= PIECE_BYTES) {
        if (length > 0) path[length++] = '/';
        memcpy(path + length, names[*at]->name, names[*at]->name_length);
        length += names[(*at)++]->name_length;
        taken++;
    }
    path[length] = 0;
}

static int walk(int from, const scan_folder *const *names, size_t count) {
    char path[PIECE_BYTES];
    int here = from;
    for (size_t at = 0; at < count;) {
        piece(names, count, &at, path);
        int next = open_again(here, path, at == count ? LAST_FLAGS : STEP_FLAGS);
        int error = errno;
        if (here != from) close(here);
        if (next < 0) {
            errno = error;
            return -1;
        }
        here = next;
    }
    return here;
}

static int open_from_top(const scan_tree *tree, const scan_folder *folder) {
    if (folder->parent == NULL) return open_again(tree->top, ".", LAST_FLAGS);
    const scan_folder **names = malloc(folder->depth * sizeof *names);
    if (names == NULL) {
        errno = ENOMEM;
        return -1;
    }
    size_t count = folder->depth, i = count;
    for (; folder->parent != NULL; folder = folder->parent) names[--i] = folder;
    int descriptor = walk(tree->top, names, count);
    int error = errno;
    free(names);
    errno = error;
    return descriptor;
}

int scan_hold(const scan_tree *tree, const scan_folder *folder, scan_held *held) {
    if (held->folder == folder) return 0;
    int below = held->folder != NULL && held->folder == folder->parent;
    int descriptor =
        below ? open_again(held->descriptor, folder->name, LAST_FLAGS) : open_from_top(tree, folder);
    int error = descriptor < 0 ? errno : 0;
    scan_let_go(held);
    if (error == 0) *held = (scan_held){folder, descriptor};
    return error;
}
