/* A trace for a person: a table over time, and in sentences what mattered. Pure: records in, text
 * out. */
#ifndef PL_SERVER_TRACE_SUMMARY_H
#define PL_SERVER_TRACE_SUMMARY_H

#include "server/trace.h"

#define PL_SUMMARY_SECONDS_MAX 3660 /* what is later is counted, and not shown */
#define PL_SUMMARY_ROWS 20          /* of the table */
#define PL_SUMMARY_FALLS 5          /* that are told one by one */

struct pl_summary;

enum pl_err pl_summary_new(struct pl_summary **out) PL_CHECKED; /* PL_ENOMEM */
void pl_summary_free(struct pl_summary *s);                     /* NULL is fine */

/* The next record. PL_EINVAL: no trace, or one of another version, begins with it. PL_ENOMEM. */
enum pl_err pl_summary_add(struct pl_summary *s, const struct pl_trace_record *r) PL_CHECKED;

void pl_summary_write(const struct pl_summary *s, struct pl_buf *out);

/* `parley trace FILE`: to stdout. Lines that are none of a trace are counted on stderr. False: it
 * is no trace, or cannot be read; stderr tells. */
bool pl_summary_print(const char *path);

#endif
