/* What is below SQLite: files in memory that know what was synced. Writes may fail or be short,
 * syncs may fail, and a power cut leaves of what was written since the last sync any part. As with
 * Linux, what a failed sync was to bring to the disk is given up: a later sync that succeeds does
 * not bring it. Folders need no sync here: a file is there, or gone, at once. One process has the
 * files: locks are not asked for by anybody else. */
#include "whole.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MAX 8
#define SECTOR 512
#define REGIONS_MAX 64

struct bytes {
    uint8_t *data;
    size_t n, cap;
};

struct write {
    struct pl_list node;
    bool given_up;  /* by a sync that failed */
    bool truncates; /* to `at` */
    size_t at, n;
    uint8_t data[];
};

struct file {
    char name[64];
    bool exists;
    struct bytes now, synced;
    struct pl_list writes; /* since the sync, in their order */
    void *regions[REGIONS_MAX];
};

struct handle {
    sqlite3_file base;
    struct file *file;
    unsigned life;
};

static struct {
    struct file files[FILES_MAX];
    unsigned life; /* handles of one before are of a process that is gone */
    bool down;
    unsigned faults;
    int64_t random;
} disk;

static bool fails(void)
{
    return disk.faults && whole_chance(disk.faults);
}

/* The disk's memory is not the server's. */
static void *more(void *p, size_t n)
{
    bool before = whole_memory_of(false);
    void *q = realloc(p, n);
    if (!q)
        abort();
    whole_memory_of(before);
    return q;
}

static void give_back(void *p)
{
    bool before = whole_memory_of(false);
    free(p);
    whole_memory_of(before);
}

static void grow(struct bytes *b, size_t n)
{
    if (n > b->cap) {
        b->cap = n * 2;
        b->data = more(b->data, b->cap);
    }
    if (n > b->n) {
        memset(b->data + b->n, 0, n - b->n);
        b->n = n;
    }
}

static void apply(struct bytes *b, const struct write *w, size_t n)
{
    if (w->truncates) {
        grow(b, w->at);
        b->n = w->at;
        return;
    }
    grow(b, w->at + n);
    memcpy(b->data + w->at, w->data, n);
}

static void put(struct file *f, bool truncates, size_t at, const void *data, size_t n)
{
    struct write *w = more(NULL, sizeof *w + n);
    *w = (struct write){.truncates = truncates, .at = at, .n = n};
    if (n)
        memcpy(w->data, data, n);
    pl_list_push(&f->writes, &w->node);
    apply(&f->now, w, n);
}

static void drop(struct write *w)
{
    pl_list_remove(&w->node);
    give_back(w);
}

static void forget(struct file *f)
{
    pl_list_each (struct write, w, &f->writes, node)
        drop(w);
    for (int i = 0; i < REGIONS_MAX; i++) {
        give_back(f->regions[i]);
        f->regions[i] = NULL;
    }
}

static bool dead(sqlite3_file *base)
{
    return disk.down || ((struct handle *)base)->life != disk.life;
}

static struct file *file_of(sqlite3_file *base)
{
    return ((struct handle *)base)->file;
}

/* --- Of a file --- */

static int x_close(sqlite3_file *base)
{
    (void)base;
    return SQLITE_OK;
}

static int x_read(sqlite3_file *base, void *out, int n, sqlite3_int64 at)
{
    const struct bytes *b = &file_of(base)->now;
    size_t from = (size_t)at, want = (size_t)n, there = from < b->n ? b->n - from : 0;
    if (dead(base) || fails())
        return SQLITE_IOERR_READ;
    if (there > want)
        there = want;
    if (there)
        memcpy(out, b->data + from, there);
    memset((char *)out + there, 0, want - there);
    return there < want ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

static int x_write(sqlite3_file *base, const void *data, int n, sqlite3_int64 at)
{
    if (dead(base))
        return SQLITE_IOERR_WRITE;
    bool bad = fails();
    size_t went = bad ? whole_below((uint32_t)n) : (size_t)n;
    if (went)
        put(file_of(base), false, (size_t)at, data, went);
    return !bad ? SQLITE_OK : whole_chance(500) ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

static int x_truncate(sqlite3_file *base, sqlite3_int64 n)
{
    if (dead(base) || fails())
        return SQLITE_IOERR_TRUNCATE;
    put(file_of(base), true, (size_t)n, NULL, 0);
    return SQLITE_OK;
}

static int x_sync(sqlite3_file *base, int flags)
{
    struct file *f = file_of(base);
    (void)flags;
    if (dead(base))
        return SQLITE_IOERR_FSYNC;
    bool bad = fails();
    pl_list_each (struct write, w, &f->writes, node) {
        if (bad) {
            w->given_up = true;
            continue;
        }
        if (!w->given_up)
            apply(&f->synced, w, w->n);
        drop(w);
    }
    return bad ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

static int x_size(sqlite3_file *base, sqlite3_int64 *out)
{
    if (dead(base))
        return SQLITE_IOERR_FSTAT;
    *out = (sqlite3_int64)file_of(base)->now.n;
    return SQLITE_OK;
}

static int x_lock(sqlite3_file *base, int kind)
{
    (void)base;
    (void)kind;
    return SQLITE_OK;
}

static int x_reserved(sqlite3_file *base, int *out)
{
    (void)base;
    *out = 0;
    return SQLITE_OK;
}

static int x_control(sqlite3_file *base, int op, void *arg)
{
    (void)base;
    (void)op;
    (void)arg;
    return SQLITE_NOTFOUND;
}

static int x_sector(sqlite3_file *base)
{
    (void)base;
    return SECTOR;
}

/* As SQLite takes it of every disk under Linux. Without it, commits are followed by padding that is
 * synced with the next one; one failed sync would then lose all that is committed after it. */
static int x_device(sqlite3_file *base)
{
    (void)base;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int x_shm_map(sqlite3_file *base, int i, int n, int extend, void volatile **out)
{
    struct file *f = file_of(base);
    HOLDS(i < REGIONS_MAX, "the index of the log is too large");
    if (!f->regions[i] && extend)
        f->regions[i] = memset(more(NULL, (size_t)n), 0, (size_t)n);
    *out = f->regions[i];
    return SQLITE_OK;
}

static int x_shm_lock(sqlite3_file *base, int at, int n, int flags)
{
    (void)base;
    (void)at;
    (void)n;
    (void)flags;
    return SQLITE_OK;
}

static void x_shm_barrier(sqlite3_file *base)
{
    (void)base;
}

static int x_shm_unmap(sqlite3_file *base, int gone)
{
    (void)base;
    (void)gone;
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = x_close,
    .xRead = x_read,
    .xWrite = x_write,
    .xTruncate = x_truncate,
    .xSync = x_sync,
    .xFileSize = x_size,
    .xLock = x_lock,
    .xUnlock = x_lock,
    .xCheckReservedLock = x_reserved,
    .xFileControl = x_control,
    .xSectorSize = x_sector,
    .xDeviceCharacteristics = x_device,
    .xShmMap = x_shm_map,
    .xShmLock = x_shm_lock,
    .xShmBarrier = x_shm_barrier,
    .xShmUnmap = x_shm_unmap,
};

/* --- Of the disk --- */

static struct file *find(const char *name)
{
    for (int i = 0; i < FILES_MAX; i++)
        if (disk.files[i].name[0] && strcmp(disk.files[i].name, name) == 0)
            return &disk.files[i];
    return NULL;
}

static struct file *make(const char *name)
{
    for (int i = 0; i < FILES_MAX; i++) {
        struct file *f = &disk.files[i];
        if (f->name[0])
            continue;
        HOLDS(strlen(name) < sizeof f->name, "the name of a file is too long");
        strcpy(f->name, name);
        pl_list_init(&f->writes);
        return f;
    }
    whole_fail("too many files");
}

static int v_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *got)
{
    struct handle *h = (struct handle *)base;
    struct file *f = name ? find(name) : NULL;
    (void)vfs;
    base->pMethods = NULL;
    HOLDS(name, "SQLite opens a file without a name");
    if (disk.down || fails() || ((!f || !f->exists) && !(flags & SQLITE_OPEN_CREATE)))
        return SQLITE_CANTOPEN;
    if (!f)
        f = make(name);
    f->exists = true;
    *h = (struct handle){{&methods}, f, disk.life};
    if (got)
        *got = flags;
    return SQLITE_OK;
}

static int v_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    struct file *f = find(name);
    (void)vfs;
    (void)sync;
    if (disk.down || fails())
        return SQLITE_IOERR_DELETE;
    if (!f || !f->exists)
        return SQLITE_IOERR_DELETE_NOENT;
    forget(f);
    f->exists = false;
    f->now.n = f->synced.n = 0;
    return SQLITE_OK;
}

static int v_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
    struct file *f = find(name);
    (void)vfs;
    (void)flags;
    *out = f && f->exists;
    return SQLITE_OK;
}

static int v_full(sqlite3_vfs *vfs, const char *name, int n, char *out)
{
    (void)vfs;
    sqlite3_snprintf(n, out, "%s", name);
    return SQLITE_OK;
}

static int v_randomness(sqlite3_vfs *vfs, int n, char *out)
{
    (void)vfs;
    for (int i = 0; i < n; i++)
        out[i] = (char)whole_random();
    return n;
}

static int v_sleep(sqlite3_vfs *vfs, int us)
{
    (void)vfs;
    return us;
}

static int v_time(sqlite3_vfs *vfs, double *out)
{
    (void)vfs;
    *out = 2440587.5 + (double)whole_wall_ms() / 86400000.0;
    return SQLITE_OK;
}

static int v_error(sqlite3_vfs *vfs, int n, char *out)
{
    (void)vfs;
    (void)n;
    (void)out;
    return 0;
}

static sqlite3_vfs vfs = {
    .iVersion = 1,
    .szOsFile = sizeof(struct handle),
    .mxPathname = 60,
    .zName = "whole",
    .xOpen = v_open,
    .xDelete = v_delete,
    .xAccess = v_access,
    .xFullPathname = v_full,
    .xRandomness = v_randomness,
    .xSleep = v_sleep,
    .xCurrentTime = v_time,
    .xGetLastError = v_error,
};

void whole_disk_begin(void)
{
    memset(&disk, 0, sizeof disk);
    if (sqlite3_vfs_register(&vfs, 1) != SQLITE_OK)
        abort();
    sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, (int)whole_random(), NULL);
}

void whole_disk_end(void)
{
    for (int i = 0; i < FILES_MAX; i++) {
        struct file *f = &disk.files[i];
        if (!f->name[0])
            continue;
        forget(f);
        give_back(f->now.data);
        give_back(f->synced.data);
    }
    memset(&disk, 0, sizeof disk);
}

void whole_disk_faults(unsigned per_mille)
{
    disk.faults = per_mille;
}

/* Each write since the sync came to the disk, or did not, or its first sectors did. */
static void cut(struct file *f)
{
    pl_list_each (struct write, w, &f->writes, node) {
        uint32_t fate = w->given_up ? 0 : whole_below(3);
        size_t part = w->n / SECTOR ? whole_below((uint32_t)(w->n / SECTOR)) * SECTOR : 0;
        if (fate == 1)
            apply(&f->synced, w, w->n);
        else if (fate == 2 && part)
            apply(&f->synced, w, part);
    }
    f->now.n = 0;
    grow(&f->now, f->synced.n);
    if (f->synced.n)
        memcpy(f->now.data, f->synced.data, f->synced.n);
}

void whole_disk_down(bool power)
{
    disk.down = true;
    disk.life++;
    for (int i = 0; power && i < FILES_MAX; i++)
        if (disk.files[i].exists)
            cut(&disk.files[i]);
}

/* The index of the log was memory of the process. What was written before a mere crash the kernel
 * still brings to the disk. */
void whole_disk_up(void)
{
    disk.down = false;
    for (int i = 0; i < FILES_MAX; i++) {
        struct file *f = &disk.files[i];
        for (int k = 0; f->name[0] && k < REGIONS_MAX; k++) {
            give_back(f->regions[k]);
            f->regions[k] = NULL;
        }
    }
}
