/* Writes down what a program does to the files of one folder, so that a test can say what a disk could hold of them if the
 * power failed at any moment. Loaded by LD_PRELOAD. RECORD_FOLDER is the folder, as a real path; RECORD_JOURNAL the file to
 * write to, outside of it; RECORD_ENTRIES, where it is set, the number of entries after which the program dies at once.
 *
 * An entry is appended by one call, under a lock that covers the call it tells of as well: the order of the journal is the
 * order in which things happened, and an entry tells what was done and not what was asked for. Only a sync is not under the
 * lock, since others write meanwhile. It is two entries: once the end is there, all is safe that stands before the begin.
 *
 * Files that end in -shm are left out: they are mapped, so no call tells what is written, and made anew after a crash.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { CREATED = 'c', FOLDER_MADE = 'f', WRITTEN = 'w', CUT = 't', REMOVED = 'r', SYNC_BEGINS = 'b', SYNCED = 's' };

/* What an entry begins with, in the byte order of the machine; the name and the data follow. */
struct entry {
    uint64_t offset; /* of what is written, or the length to which a file is cut */
    uint64_t data;   /* its length */
    uint32_t name;   /* its length */
    uint32_t thread; /* by which the end of a sync finds its begin */
    uint64_t kind;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *folder;
static int journal;
static long entries_left;

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("RECORD_JOURNAL"), *entries = getenv("RECORD_ENTRIES");
    folder = getenv("RECORD_FOLDER");
    journal = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    entries_left = entries ? atol(entries) : LONG_MAX;
    if (!folder || journal < 0)
        abort();
}

/* Whatever other threads still do when the program ends, they do it whole and written down, or not at all. */
__attribute__((destructor)) static void end(void)
{
    pthread_mutex_lock(&lock);
}

/* The name of a path within the folder, empty for the folder itself; none for what is not recorded. */
static const char *name_of(const char *path)
{
    size_t length = folder ? strlen(folder) : 0;
    if (!length || strncmp(path, folder, length) || (path[length] && path[length] != '/'))
        return NULL;
    const char *name = path + length + (path[length] == '/');
    size_t end = strlen(name);
    return end >= 4 && !strcmp(name + end - 4, "-shm") ? NULL : name;
}

/* The same for an open file, whose path needs a place. */
static const char *name_of_open(int fd, char path[PATH_MAX])
{
    char link[40];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length < 0)
        return NULL;
    path[length] = 0;
    return name_of(path);
}

static void append(enum kind kind, const char *name, uint64_t offset, const void *data, size_t length)
{
    struct entry entry = {offset, length, strlen(name), gettid(), kind};
    struct iovec parts[] = {{&entry, sizeof entry}, {(void *)name, entry.name}, {(void *)data, length}};
    if (writev(journal, parts, 3) != (ssize_t)(sizeof entry + entry.name + length))
        abort();
    /* The lock is held, so nothing happens any more that is not written down. */
    if (--entries_left == 0)
        kill(getpid(), SIGKILL);
}

static int open_and_tell(const char *path, int flags, mode_t mode)
{
    const char *name = name_of(path);
    if (!name || !(flags & (O_CREAT | O_TRUNC)))
        return syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    pthread_mutex_lock(&lock);
    int is_new = access(path, F_OK) != 0;
    int fd = syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    if (fd >= 0 && is_new)
        append(CREATED, name, 0, NULL, 0);
    else if (fd >= 0 && flags & O_TRUNC)
        append(CUT, name, 0, NULL, 0);
    pthread_mutex_unlock(&lock);
    return fd;
}

#define OPEN(name)                                                \
    int name(const char *path, int flags, ...)                    \
    {                                                             \
        va_list rest;                                             \
        va_start(rest, flags);                                    \
        mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0; \
        va_end(rest);                                             \
        return open_and_tell(path, flags, mode);                  \
    }
OPEN(open)
OPEN(open64)

/* Does what changes a file or a folder, and writes it down if it was done. */
#define DO_AND_TELL(path, call, kind, offset, data) \
    const char *name = path;                        \
    pthread_mutex_lock(&lock);                      \
    ssize_t done = call;                            \
    if (name && done >= 0)                          \
        append(kind, name, offset, data, done);     \
    pthread_mutex_unlock(&lock);                    \
    return done

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset)
{
    char path[PATH_MAX];
    DO_AND_TELL(name_of_open(fd, path), syscall(SYS_pwrite64, fd, data, length, offset), WRITTEN, offset, data);
}

int ftruncate64(int fd, off64_t length)
{
    char path[PATH_MAX];
    DO_AND_TELL(name_of_open(fd, path), syscall(SYS_ftruncate, fd, length), CUT, length, NULL);
}

int unlink(const char *path)
{
    DO_AND_TELL(name_of(path), syscall(SYS_unlinkat, AT_FDCWD, path, 0), REMOVED, 0, NULL);
}

int mkdir(const char *path, mode_t mode)
{
    DO_AND_TELL(name_of(path), syscall(SYS_mkdirat, AT_FDCWD, path, mode), FOLDER_MADE, 0, NULL);
}

static void tell(enum kind kind, const char *name)
{
    pthread_mutex_lock(&lock);
    append(kind, name, 0, NULL, 0);
    pthread_mutex_unlock(&lock);
}

static int sync_and_tell(int fd, long call)
{
    char path[PATH_MAX];
    const char *name = name_of_open(fd, path);
    if (name)
        tell(SYNC_BEGINS, name);
    int failed = syscall(call, fd);
    if (name && !failed)
        tell(SYNCED, name);
    return failed;
}

int fsync(int fd)
{
    return sync_and_tell(fd, SYS_fsync);
}

int fdatasync(int fd)
{
    return sync_and_tell(fd, SYS_fdatasync);
}
