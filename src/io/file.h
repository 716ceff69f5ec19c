/* Small files of the data folder, read and written whole. These block: for start, and for rare and
 * small writes. */
#ifndef PL_IO_FILE_H
#define PL_IO_FILE_H

#include "base/buf.h"
#include "base/err.h"

#include <stddef.h>
#include <sys/types.h>

/* Replaces the contents of *out by the file's. PL_ENOENT, PL_ELIMIT (longer than `max`), PL_EIO
 * (errno tells), PL_ENOMEM. */
enum pl_err pl_file_read(const char *path, size_t max, struct pl_buf *out) PL_CHECKED;

/* Writes a temporary file beside `path`, makes it durable and renames it: readers see the old
 * contents or the new ones, also after a power cut. `mode` as of open(2), whatever the umask is.
 * PL_EIO (errno tells), PL_ETRUNC (the path is too long). */
enum pl_err pl_file_write(const char *path, const void *bytes, size_t n, mode_t mode) PL_CHECKED;

/* Makes a finished file of another name durable and gives it this one, which must be free.
 * PL_EEXIST, PL_EIO (errno tells). On failure the file keeps its name. */
enum pl_err pl_file_publish(const char *finished, const char *path) PL_CHECKED;

/* Makes the folder and its parents, mode 0700 each; folders that are there stay as they are. PL_EIO
 * (errno tells; ENOTDIR if something else is there), PL_ETRUNC. */
enum pl_err pl_file_make_folder(const char *path) PL_CHECKED;

#endif
