/* What an entry is: one look by the file system's stat, two for a link. */
#ifndef MLOPS_SCAN_LOOK_H
#define MLOPS_SCAN_LOOK_H

#include "scan_open.h"

/* Look at one entry of `folder`, which is open as `descriptor`: sets kind, signature, device, target, and the
 * digest of what is not read. 0, or an errno value. A folder, or a link to one, becomes SCAN_FOLDER. */
int scan_look(int descriptor, const scan_folder *folder, scan_entry *entry);

/* Digest of a pipe, a socket or a device, and its kind. */
void scan_set_special(scan_entry *entry);

#endif
