#include "scan_each.h"

int scan_is_untrusted(const scan_each *pass, const scan_entry *entry) {
    if (entry->signature.size >= pass->small) return 0;
    if (pass->all_always) return 1;
    for (size_t i = 0; i < pass->always_count; i++)
        if (pass->always[i] == entry->device) return 1;
    return 0;
}

void scan_visit_recall(scan_each *pass, scan_worker *worker, scan_folder *folder, scan_entry *entry) {
    (void)worker;
    uint8_t key[16];
    if (entry->kind != SCAN_FILE || entry->state != SCAN_OPEN || scan_is_untrusted(pass, entry)) return;
    stat_key(folder->key, entry->name, entry->name_length, key);
    if (stat_find(pass->table, key, &entry->signature, entry->digest)) entry->state = SCAN_KNOWN;
}

void scan_unread(const scan_tree *tree, size_t *files, uint64_t *size) {
    for (size_t i = 0; i < tree->count; i++) {
        for (size_t j = 0; j < tree->folders[i]->count; j++) {
            const scan_entry *entry = &tree->folders[i]->entries[j];
            if (entry->kind != SCAN_FILE || entry->state != SCAN_OPEN) continue;
            ++*files;
            *size += (uint64_t)entry->signature.size;
        }
    }
}

static int is_settled(const scan_entry *entry, int64_t latest) {
    const scan_signature *signature = &entry->signature;
    return entry->kind == SCAN_FILE && entry->state == SCAN_STEADY && signature->modified <= latest &&
           signature->changed <= latest;
}

long scan_remember(const scan_each *pass, stat_table *table, int64_t latest) {
    long count = 0;
    uint8_t key[16];
    for (size_t i = 0; i < pass->tree->count; i++) {
        const scan_folder *folder = pass->tree->folders[i];
        for (size_t j = 0; j < folder->count; j++) {
            const scan_entry *entry = &folder->entries[j];
            if (!is_settled(entry, latest) || scan_is_untrusted(pass, entry)) continue;
            stat_key(folder->key, entry->name, entry->name_length, key);
            if (stat_put(table, key, &entry->signature, entry->digest) != 0) return -1;
            count++;
        }
    }
    return count;
}
