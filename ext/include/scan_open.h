/* Open the folders of a tree, however deep: no path that is given to the system is longer than it allows. */
#ifndef MLOPS_SCAN_OPEN_H
#define MLOPS_SCAN_OPEN_H

#include "scan_tree.h"

/* The folder that a thread has open; its children are opened from it. Starts as {NULL, -1}. */
typedef struct {
    const scan_folder *folder;
    int descriptor;
} scan_held;

/* Make `held` hold `folder`; 0 or an errno value, and then nothing is held. */
int scan_hold(const scan_tree *tree, const scan_folder *folder, scan_held *held);

void scan_let_go(scan_held *held);

#endif
