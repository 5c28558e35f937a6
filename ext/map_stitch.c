/* Stitching by mmap(MAP_FIXED) into one reserved range; see map_stitch.h.
 *
 * A read beyond the end of a mapped file is a SIGBUS, which kills the process, so every extent is
 * checked against the size of its file before anything is mapped. */
#define _GNU_SOURCE
#include "map_stitch.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The largest page that the page cache keeps file contents in and maps with one page fault (x86-64, and arm64
 * with 4 KiB pages). It can only where address and offset in the file agree modulo its size. */
#define HUGE_PAGE ((int64_t)2 << 20)

/* The kernel's default limit of maps per process is 65,530 (vm.max_map_count): one value must not use it up. */
#define MAX_RUNS 10000

size_t map_page_size(void) { return (size_t)sysconf(_SC_PAGESIZE); }

static int check_sizes(const map_extent *extents, size_t count, map_range *range) {
    struct stat status;
    for (size_t i = 0; i < count; i++) {
        range->failed = i;
        if ((i == 0 || extents[i].fd != extents[i - 1].fd) && fstat(extents[i].fd, &status) != 0) return errno;
        if (status.st_size < extents[i].length || extents[i].offset > status.st_size - extents[i].length)
            return MAP_TOO_SHORT;
    }
    return 0;
}

/* Neighbours in memory that are neighbours in their file need one map, not two. */
static int continues(const map_extent *extents, size_t i) {
    return i > 0 && extents[i].fd == extents[i - 1].fd &&
           extents[i].offset == extents[i - 1].offset + extents[i - 1].length;
}

static size_t run_end(const map_extent *extents, size_t count, size_t start) {
    size_t end = start + 1;
    while (end < count && continues(extents, end)) end++;
    return end;
}

static int64_t total_length(const map_extent *extents, size_t first, size_t end) {
    int64_t length = 0;
    for (size_t i = first; i < end; i++) length += extents[i].length;
    return length;
}

/* Number of maps needed, or 0 where pages do not line up. */
static size_t mappable_runs(const map_extent *extents, size_t count) {
    int64_t page = (int64_t)map_page_size();
    size_t runs = 0;
    for (size_t i = 0; i < count;) {
        size_t end = run_end(extents, count, i);
        if (extents[i].offset % page != 0) return 0;
        if (end < count && total_length(extents, i, end) % page != 0) return 0;
        runs++;
        i = end;
    }
    return runs;
}

static int map_runs(const map_extent *extents, size_t count, int writable, map_range *range) {
    int protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;
    int sharing = writable ? MAP_PRIVATE : MAP_SHARED;
    char *place = range->address;
    for (size_t i = 0; i < count;) {
        size_t end = run_end(extents, count, i);
        size_t length = (size_t)total_length(extents, i, end);
        range->failed = i;
        if (mmap(place, length, protection, sharing | MAP_FIXED, extents[i].fd, extents[i].offset) == MAP_FAILED)
            return errno;
        place += length;
        i = end;
    }
    return 0;
}

static int read_extent(const map_extent *extent, char *place) {
    int64_t done = 0;
    while (done < extent->length) {
        ssize_t got = pread(extent->fd, place + done, (size_t)(extent->length - done), extent->offset + done);
        if (got == 0) return MAP_TOO_SHORT;
        if (got < 0 && errno != EINTR) return errno;
        if (got > 0) done += got;
    }
    return 0;
}

static int copy_extents(const map_extent *extents, size_t count, int writable, map_range *range) {
    char *place = range->address;
    if (mprotect(range->address, range->reserved, PROT_READ | PROT_WRITE) != 0) return errno;
    for (size_t i = 0; i < count; i++) {
        range->failed = i;
        int error = read_extent(&extents[i], place);
        if (error != 0) return error;
        place += extents[i].length;
    }
    if (!writable && mprotect(range->address, range->reserved, PROT_READ) != 0) return errno;
    return 0;
}

/* What the address of the range must be modulo HUGE_PAGE for its longest run to be mapped by huge pages. */
static size_t best_phase(const map_extent *extents, size_t count) {
    int64_t place = 0, longest = 0, phase = 0;
    for (size_t i = 0; i < count;) {
        size_t end = run_end(extents, count, i);
        int64_t length = total_length(extents, i, end);
        if (length > longest) {
            longest = length;
            phase = ((extents[i].offset - place) % HUGE_PAGE + HUGE_PAGE) % HUGE_PAGE;
        }
        place += length;
        i = end;
    }
    return longest < HUGE_PAGE ? 0 : (size_t)phase;
}

/* Reserve whole pages, at an address that is `phase` modulo HUGE_PAGE. */
static int reserve(size_t length, size_t phase, map_range *range) {
    size_t page = map_page_size();
    size_t spare = length < (size_t)HUGE_PAGE ? 0 : (size_t)HUGE_PAGE;
    range->reserved = (length + page - 1) / page * page;
    char *address = mmap(NULL, range->reserved + spare, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (address == MAP_FAILED) return errno;
    size_t before = spare ? (phase - (size_t)address) % spare : 0;
    if (before > 0) munmap(address, before);
    if (before < spare) munmap(address + before + range->reserved, spare - before);
    range->address = address + before;
    return 0;
}

void map_release(map_range *range) {
    if (range->address != NULL) munmap(range->address, range->reserved);
    range->address = NULL;
}

/* Try to map; where maps are refused (too many of them, a file system without mmap) fall back to reading. */
static int fill(const map_extent *extents, size_t count, int writable, size_t length, map_range *range) {
    size_t runs = mappable_runs(extents, count);
    int error = reserve(length, runs > 0 ? best_phase(extents, count) : 0, range);
    if (error != 0) return error;
    if (runs > 0 && runs <= MAX_RUNS) {
        error = map_runs(extents, count, writable, range);
        if (error == 0) {
            range->runs = runs;
            return 0;
        }
        if (error != ENOMEM && error != ENODEV) return error;
        map_release(range);
        if ((error = reserve(length, 0, range)) != 0) return error;
    }
    range->copied = 1;
    return copy_extents(extents, count, writable, range);
}

int map_stitch(const map_extent *extents, size_t count, int writable, map_range *range) {
    *range = (map_range){0};
    int error = check_sizes(extents, count, range);
    size_t length = (size_t)total_length(extents, 0, count);
    if (error != 0 || length == 0) return error;
    error = fill(extents, count, writable, length, range);
    if (error != 0) map_release(range);
    return error;
}
