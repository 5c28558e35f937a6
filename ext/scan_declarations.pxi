# What _scan.pyx uses of the C files beside it.

cdef extern from "<fcntl.h>" nogil:
    int open(const char *path, int flags)
    enum: O_RDONLY, O_DIRECTORY, O_CLOEXEC


cdef extern from "<unistd.h>" nogil:
    int close(int descriptor)


cdef extern from "xxh3.h" nogil:
    void xxh3_digest(const void *data, size_t length, uint8_t *digest)


cdef extern from "scan_table.h" nogil:
    ctypedef struct scan_signature:
        int64_t size
        int64_t modified
        int64_t changed
        uint64_t inode
    ctypedef struct stat_record:
        uint8_t key[16]
    ctypedef struct stat_table:
        const stat_record *base
        size_t base_capacity
        stat_record *own
        size_t own_capacity
        size_t own_count
    void stat_key(const uint8_t *folder, const char *name, size_t length, uint8_t *key)
    int stat_find(const stat_table *table, const uint8_t *key, const scan_signature *signature, uint8_t *digest)
    int stat_put(stat_table *table, const uint8_t *key, const scan_signature *signature, const uint8_t *digest)
    size_t stat_slot(const stat_record *records, size_t capacity, const uint8_t *key)
    size_t stat_count(const stat_record *records, size_t capacity)
    void stat_merge(const stat_table *table, int with_base, stat_record *records, size_t capacity)
    void stat_clear(stat_table *table)


cdef extern from "scan_tree.h" nogil:
    enum: SCAN_FILE
    ctypedef struct scan_entry:
        char *target
        uint8_t kind
        uint8_t state
        uint64_t device
        scan_signature signature
    ctypedef struct scan_folder:
        scan_entry *entries
        size_t count
        uint8_t key[16]
        uint8_t digest[16]
    ctypedef struct scan_tree:
        int top
        scan_folder **folders
        size_t count
        size_t entries
        int error
        char *where
        int stopped
        int changed
    int scan_tree_init(scan_tree *tree, const char *left_out)
    void scan_tree_free(scan_tree *tree)
    scan_folder *scan_tree_add(scan_tree *tree, scan_folder *parent, const scan_entry *entry)
    char *scan_path(const scan_folder *folder, const scan_entry *entry, size_t *length)
    void scan_tree_number(scan_tree *tree)


cdef extern from "scan_list.h" nogil:
    ctypedef struct scan_queue:
        pass
    int scan_queue_init(scan_queue *queue, scan_tree *tree)
    void scan_queue_free(scan_queue *queue)
    int scan_list_some(scan_queue *queue, size_t enough)
    void scan_list_all(void *context)


cdef extern from "scan_pool.h" nogil:
    ctypedef void (*scan_work)(void *context) noexcept nogil
    ctypedef struct scan_pool:
        pass
    void scan_pool_start(scan_pool *pool, int threads, scan_work work, void *context)
    int scan_pool_wait(scan_pool *pool, int milliseconds)
    void scan_pool_finish(scan_pool *pool)


cdef extern from "scan_each.h" nogil:
    ctypedef struct scan_worker:
        pass
    ctypedef struct scan_each:
        const stat_table *table
        const uint64_t *always
        size_t always_count
        int all_always
        int64_t small
    ctypedef void (*scan_visit)(scan_each *, scan_worker *, scan_folder *, scan_entry *) noexcept nogil
    void scan_each_init(scan_each *work, scan_tree *tree, scan_visit visit)
    void scan_each_run(void *context)
    void scan_visit_look(scan_each *, scan_worker *, scan_folder *, scan_entry *)
    void scan_visit_recall(scan_each *, scan_worker *, scan_folder *, scan_entry *)
    void scan_visit_hash(scan_each *, scan_worker *, scan_folder *, scan_entry *)
    void scan_unread(const scan_tree *tree, size_t *files, uint64_t *size)
    long scan_remember(const scan_each *work, stat_table *table, int64_t latest)
    void scan_fold(scan_tree *tree)
