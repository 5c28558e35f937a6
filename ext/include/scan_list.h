/* First pass over a tree: which folders there are, and what is in them by name. */
#ifndef MLOPS_SCAN_LIST_H
#define MLOPS_SCAN_LIST_H

#include "scan_tree.h"

/* A queue that threads take folders from and add the folders inside to. */
typedef struct {
    scan_tree *tree;
    pthread_cond_t more;
    scan_folder *first; /* the one added last: neighbours are listed while their parent is still open */
    size_t waiting;
    int busy; /* threads that are listing a folder now */
} scan_queue;

int scan_queue_init(scan_queue *queue, scan_tree *tree); /* the tree holds its top folder */
void scan_queue_free(scan_queue *queue);

/* List folders in the calling thread until all are done, or until more than `enough` wait (1: there are). */
int scan_list_some(scan_queue *queue, size_t enough);

/* A worker for scan_pool_start: until all folders are listed. `context` is the queue. */
void scan_list_all(void *context);

#endif
