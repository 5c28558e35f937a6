#include <string.h>

#include "scan_each.h"
#include "xxh3.h"

static const char *const WORDS[SCAN_KINDS] = {
    [SCAN_FILE] = "file", [SCAN_SPECIAL] = "file", [SCAN_FOLDER] = "folder",
    [SCAN_LINK] = "link", [SCAN_LOOP] = "loop",
};

static const uint8_t *digest_of(const scan_entry *entry) {
    return entry->kind == SCAN_FOLDER ? entry->folder->digest : entry->digest;
}

static int is_there(const scan_entry *entry) {
    return WORDS[entry->kind] != NULL && !(entry->kind == SCAN_FOLDER && entry->folder->gone);
}

static void feed_entry(xxh3_state *state, const scan_entry *entry) {
    const char *word = WORDS[entry->kind];
    uint32_t size = entry->name_length;
    uint8_t length[4] = {(uint8_t)(size >> 24), (uint8_t)(size >> 16), (uint8_t)(size >> 8), (uint8_t)size};
    xxh3_feed(state, word, strlen(word) + 1);
    xxh3_feed(state, length, sizeof length);
    xxh3_feed(state, entry->name, size);
    xxh3_feed(state, digest_of(entry), 16);
}

void scan_fold(scan_tree *tree) {
    static const char tag[] = "folder/0"; /* with its zero byte */
    for (size_t i = tree->count; i-- > 0;) {
        scan_folder *folder = tree->folders[i];
        xxh3_state state;
        xxh3_start(&state);
        xxh3_feed(&state, tag, sizeof tag);
        for (size_t j = 0; j < folder->count; j++)
            if (is_there(&folder->entries[j])) feed_entry(&state, &folder->entries[j]);
        xxh3_finish(&state, folder->digest);
    }
}
