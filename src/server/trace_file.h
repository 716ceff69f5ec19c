/* Traces as files of the data folder: DIR/traces/TIME-PARTICIPANT.jsonl, mode 0600. */
#ifndef PL_SERVER_TRACE_FILE_H
#define PL_SERVER_TRACE_FILE_H

#include "server/trace.h"

#define PL_TRACE_FILE_BYTES_MAX (16 << 20) /* of one; an hour of an ordinary meeting is a third */
#define PL_TRACE_FILES_MAX 64              /* the oldest go */
#define PL_TRACE_FILE_DAYS 7               /* and what is older */
#define PL_TRACE_NAME_SIZE 64

/* Makes one; `name` is that in the folder. What is too old, or too many, is removed. PL_EEXIST: one
 * of this participant began in this very millisecond; PL_EIO (errno tells), PL_ENOMEM. */
enum pl_err pl_trace_file_new(const char *folder, const char *participant, int64_t wall_ms,
                              struct pl_trace_out *out, char name[PL_TRACE_NAME_SIZE]) PL_CHECKED;

void pl_trace_file_remove(const char *folder, const char *name);

/* Removes traces until at most `keep` are there and none is from before `since_s` (Unix time). */
void pl_trace_files_prune(const char *folder, size_t keep, int64_t since_s);

#endif
