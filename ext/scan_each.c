#include "scan_each.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "scan_look.h"

enum { LOOKED_AT_ONCE = 128, HASHED_AT_ONCE = 16 };

void scan_each_init(scan_each *pass, scan_tree *tree, scan_visit visit) {
    memset(pass, 0, sizeof *pass);
    pass->tree = tree;
    pass->visit = visit;
    pass->with_buffer = visit == scan_visit_hash;
    pass->block = pass->with_buffer ? HASHED_AT_ONCE : LOOKED_AT_ONCE;
    atomic_init(&pass->next, 0);
}

int scan_enter(scan_each *pass, scan_worker *worker, scan_folder *folder, scan_entry *entry) {
    int error = scan_hold(pass->tree, folder, &worker->held);
    if (error == ENOENT)
        entry->kind = SCAN_GONE;
    else if (error == ENOTDIR)
        atomic_store(&pass->tree->changed, 1);
    else if (error != 0)
        scan_tree_fail(pass->tree, error, folder, NULL);
    return error == 0;
}

void scan_visit_look(scan_each *pass, scan_worker *worker, scan_folder *folder, scan_entry *entry) {
    if (entry->kind != SCAN_UNSEEN || !scan_enter(pass, worker, folder, entry)) return;
    int error = scan_look(worker->held.descriptor, folder, entry);
    if (error != 0) scan_tree_fail(pass->tree, error, folder, entry);
    if (entry->kind == SCAN_FOLDER) atomic_store(&pass->tree->changed, 1); /* listed as something else */
}

static void visit_block(scan_each *pass, scan_worker *worker, size_t from, size_t to) {
    scan_tree *tree = pass->tree;
    size_t at = scan_tree_folder_of(tree, from);
    while (from < to && !atomic_load(&tree->stopped)) {
        scan_folder *folder = tree->folders[at];
        if (from - folder->first < folder->count)
            pass->visit(pass, worker, folder, &folder->entries[from++ - folder->first]);
        else
            at++;
    }
}

void scan_each_run(void *context) {
    scan_each *pass = context;
    scan_worker worker = {{NULL, -1}, NULL};
    if (pass->with_buffer && (worker.buffer = malloc(SCAN_PREFIX + SCAN_BUFFER)) == NULL) {
        scan_tree_fail(pass->tree, ENOMEM, pass->tree->folders[0], NULL);
        return;
    }
    size_t total = pass->tree->entries, from;
    while ((from = atomic_fetch_add(&pass->next, pass->block)) < total)
        visit_block(pass, &worker, from, from + pass->block < total ? from + pass->block : total);
    scan_let_go(&worker.held);
    free(worker.buffer);
}
