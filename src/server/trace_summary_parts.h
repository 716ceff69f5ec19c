/* What a summary keeps: shared by trace_summary.c, which gathers it, and trace_words.c, which says
 * it. */
#ifndef PL_SERVER_TRACE_SUMMARY_PARTS_H
#define PL_SERVER_TRACE_SUMMARY_PARTS_H

#include "server/trace_summary.h"

struct pl_summary_second {
    bool there;
    struct pl_line line; /* PL_LINE_UNKNOWN where it was not told */
    unsigned smaller;    /* pictures */
};

struct pl_summary_peer {
    int64_t id;
    unsigned paths;
    char protocol[PL_TRACE_TEXT_SIZE], address[PL_TRACE_TEXT_SIZE]; /* of the last one */
    int64_t connected_ms;                                           /* -1: it was not seen */
    uint64_t nacks_in, resent, nacks_out, keys_in, keys_out, probes;
    unsigned switches, layer_switches, waits;
    int64_t carries[PL_SECTIONS_MAX]; /* the source, by section */
    unsigned standing, stands;        /* began; ended */
    uint64_t stood_ms;
    int64_t longest_ms, longest_at_ms, longest_source;
    size_t n_seconds;
    struct pl_summary_second seconds[PL_SUMMARY_SECONDS_MAX];
};

struct pl_summary {
    bool begun;
    struct pl_trace_record head;
    char why[PL_TRACE_TEXT_SIZE];
    size_t n_peers;
    struct pl_summary_peer *peers[PL_TRACE_PEERS_MAX];
};

#endif
