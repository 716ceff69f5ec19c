/* See verify.h. */
#include "server/verify.h"

#include "io/entropy.h"
#include "io/file.h"
#include "record/audit.h"
#include "record/line.h"
#include "server/audit_command.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

static void add_time(struct pl_buf *out, int64_t ms)
{
    char text[64] = "";
    time_t s = (time_t)(ms / 1000);
    struct tm utc;
    if (gmtime_r(&s, &utc))
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &utc);
    pl_buf_puts(out, text);
}

static void add_what(struct pl_buf *out, const struct pl_verify_report *r)
{
    if (!r->meeting[0])
        return;
    pl_buf_printf(out, "Record of the meeting \"%s\" (%s), kept by %s.\n",
                  r->title[0] ? r->title : "?", r->meeting, r->server);
    if (r->events == 0)
        return;
    pl_buf_printf(out, "%" PRIu64 " event%s%s, from ", r->events, plural(r->events),
                  r->faulty ? " before the fault" : "");
    add_time(out, r->from_ms);
    pl_buf_puts(out, " to ");
    add_time(out, r->to_ms);
    pl_buf_puts(out, ".\n");
}

static void add_fault(struct pl_buf *out, const struct pl_verify_report *r)
{
    pl_buf_printf(out, "\nFAULT in line %" PRIu64, r->fault.line);
    if (r->fault.event)
        pl_buf_printf(out, ", event %" PRIu64, r->fault.event);
    pl_buf_printf(out, ":\n  %s\n\n", r->fault.why);
    pl_buf_puts(out,
                "Do not rely on this file. It was read up to this place; what stands behind it "
                "was not looked at.\n");
}

static void add_signed(struct pl_buf *out, const struct pl_verify_report *r)
{
    uint64_t all = r->signed_acts + r->unsigned_acts;
    if (r->signed_acts == 0)
        return;
    pl_buf_printf(out,
                  "  Signed acts   %" PRIu64 " of %" PRIu64
                  " vote%s and position%s %s signed by the person's own "
                  "key%s.\n",
                  r->signed_acts, all, plural(all), plural(all), r->signed_acts == 1 ? "is" : "are",
                  r->signatures_required ? ", as this meeting requires" : "");
}

/* What came later it has not seen. */
static void add_witnessed(struct pl_buf *out, struct pl_str name, const struct pl_witnessed *w)
{
    pl_buf_printf(out,
                  "  Witness       %.*s, elsewhere, cosigned %" PRIu64
                  " checkpoint%s, the last one\n                after event %" PRIu64 ", on ",
                  (int)name.n, name.p, w->checkpoints, plural(w->checkpoints), w->last);
    add_time(out, w->last_s * 1000);
    pl_buf_puts(out, ".\n");
}

static void add_checked(struct pl_buf *out, const struct pl_verify_config *config,
                        const struct pl_verify_report *r)
{
    pl_buf_puts(out, "\nChecked:\n");
    pl_buf_printf(out,
                  "  File          whole and unchanged: %" PRIu64 " lines, signed at the end.\n",
                  r->lines);
    pl_buf_printf(out,
                  "  Log           all events fit the %" PRIu64
                  " checkpoint%s that the server signed.\n",
                  r->checkpoints, plural(r->checkpoints));
    if (r->cosignatures)
        pl_buf_printf(out,
                      "  Witnesses     %" PRIu64 " cosignature%s by %" PRIu64
                      " participant%s, whose browsers were shown this history.\n",
                      r->cosignatures, plural(r->cosignatures), r->cosigners, plural(r->cosigners));
    for (size_t i = 0; i < config->n_witnesses; i++)
        add_witnessed(out, config->witnesses[i].name, &r->witnessed[i]);
    if (r->key_pinned)
        pl_buf_puts(out, "  Server's key  the one that you gave.\n");
    if (r->rotations)
        pl_buf_printf(out,
                      "                It was changed %" PRIu64
                      " time%s, each time signed by the key before.\n",
                      r->rotations, plural(r->rotations));
    if (r->manifests)
        pl_buf_printf(out,
                      "  Participants  %" PRIu64
                      " list%s of participants' keys, signed down from the "
                      "organiser%s.\n                Organiser's fingerprint: %s\n",
                      r->manifests, plural(r->manifests),
                      r->organiser_pinned ? ", whose fingerprint is the one that you gave" : "",
                      r->organiser);
    add_signed(out, r);
    pl_buf_puts(out, "  Procedure     each event can follow those before it.\n");
    if (r->results)
        pl_buf_printf(out,
                      "  Results       %" PRIu64
                      " result%s worked out anew from the rule and the votes: as declared.\n",
                      r->results, plural(r->results));
    if (r->minutes)
        pl_buf_printf(out, "  Minutes       the text that was adopted is in the file%s.\n",
                      r->paper_adopted ? ", and is that of the paper that you gave" : "");
}

static void add_unchecked(struct pl_buf *out, const struct pl_verify_report *r)
{
    pl_buf_puts(out, "\nNot checked:\n");
    if (!r->key_pinned)
        pl_buf_printf(
            out,
            "  Server's key  not pinned: that the key is really that of %s the file alone cannot "
            "show.\n                Get it from there (parley key show), and give it with "
            "--key. In the file it is\n                %s\n",
            r->server, r->key);
    if (r->manifests && !r->organiser_pinned)
        pl_buf_puts(out, "  Organiser     not pinned: compare the fingerprint with the letter or a "
                         "link, or give it with\n                --organiser.\n");
    if (r->unsigned_acts)
        pl_buf_printf(out,
                      "  Acts          for %" PRIu64
                      " vote%s and position%s there is the server's word alone: "
                      "not signed.\n",
                      r->unsigned_acts, plural(r->unsigned_acts), plural(r->unsigned_acts));
    if (r->documents)
        pl_buf_printf(out,
                      "  Documents     %" PRIu64
                      " document%s: the record has the SHA-256, not the contents.\n",
                      r->documents, plural(r->documents));
    if (r->witnesses.times)
        pl_buf_printf(out,
                      "  Witnesses     %" PRIu64
                      " cosignature%s by witnesses whose keys are not in the record, first in "
                      "line %" PRIu64 ".\n                Give their keys with --witness.\n",
                      r->witnesses.times, plural(r->witnesses.times), r->witnesses.first);
    pl_buf_puts(
        out, "  Other acts    who did them, and that clocks were right, is the server's word.\n");
}

static void add_note(struct pl_buf *out, const struct pl_noted *n, const char *place,
                     const char *what)
{
    if (n->times)
        pl_buf_printf(out, "  %s: %" PRIu64 " time%s, first in %s %" PRIu64 ".\n", what, n->times,
                      plural(n->times), place, n->first);
}

static void add_notes(struct pl_buf *out, const struct pl_verify_report *r)
{
    if (!r->clock_back.times && !r->signed_off_time.times && !r->signed_back.times &&
        !r->expired.times && !r->unnamed.times && !r->unbound.times && !r->later_words.times &&
        !r->unsalted.times && !r->minutes_elsewhere.times)
        return;
    pl_buf_puts(out, "\nNoted, and no fault:\n");
    add_note(out, &r->clock_back, "event", "The server's clock was set back");
    add_note(out, &r->signed_off_time, "event",
             "A participant's clock differs from the server's by more than ten minutes");
    add_note(out, &r->signed_back, "event",
             "A participant's clock was set back between two acts on one thing");
    add_note(out, &r->expired, "event", "A list of participants was put when it had expired");
    add_note(out, &r->unbound, "event",
             "A signed act does not say of which call, text or event it is, as those of before");
    add_note(out, &r->later_words, "event",
             "The words of a result are in a form that came after this program, and not compared");
    add_note(out, &r->unnamed, "event",
             "A list of participants does not name the meeting's definition, as lists of before");
    add_note(out, &r->unsalted, "event", "An event has no salt, as in records of before");
    add_note(out, &r->minutes_elsewhere, "event",
             "Minutes were adopted whose text is not in the file, as in records of before");
}

void pl_verify_words(const struct pl_verify_config *config, const struct pl_verify_report *r,
                     struct pl_buf *out)
{
    add_what(out, r);
    if (r->faulty) {
        add_fault(out, r);
        return;
    }
    add_checked(out, config, r);
    add_unchecked(out, r);
    add_notes(out, r);
    pl_buf_puts(out, "\nGood: no fault was found.\n");
}

#define PAPER_MAX (2 * PL_LINE_MINUTES_MAX) /* both languages */

static int refuse(const char *file, const char *why)
{
    fprintf(stderr, "parley: %s: %s\n", file, why);
    return PL_EXIT_REFUSED;
}

int pl_verify(const struct pl_cli_verify *config)
{
    struct pl_buf file = {0}, paper = {0}, words = {0};
    struct pl_verify_report *report = malloc(sizeof *report);
    struct pl_vkey witnesses[PL_VERIFY_WITNESSES_MAX];
    struct pl_verify_config verify = {
        .random = pl_entropy(),
        .key = config->key ? pl_str(config->key) : (struct pl_str){0},
        .organiser = config->organiser ? pl_str(config->organiser) : (struct pl_str){0},
    };
    for (size_t i = 0; i < config->n_witnesses; i++)
        if (pl_verify_witness_key(pl_str(config->witnesses[i]), &witnesses[i]) == PL_OK)
            verify.n_witnesses++; /* all of them: cli.c saw to it */
    verify.witnesses = witnesses;
    const char *path = strcmp(config->file, "-") == 0 ? "/dev/stdin" : config->file;
    int status = 0;
    enum pl_err e = report ? pl_file_read(path, PL_RECORD_FILE_MAX, &file) : PL_ENOMEM;
    if (!e && config->paper && pl_file_read(config->paper, PAPER_MAX, &paper) != PL_OK) {
        status = refuse(config->paper, "this cannot be read, or is no minutes as text");
        goto out;
    }
    if (config->paper)
        verify.paper = (struct pl_str){paper.data ? paper.data : "", paper.len};
    if (!e && pl_audit_is((struct pl_str){file.data, file.len})) {
        status = pl_audit_verify_command((struct pl_str){file.data, file.len}, config->key);
        goto out;
    }
    if (!e)
        e = pl_record_verify((struct pl_str){file.data, file.len}, &verify, report);
    if (!e)
        pl_verify_words(&verify, report, &words);
    if (!e && words.failed)
        e = PL_ENOMEM;
    if (e == PL_ELIMIT)
        status = refuse(config->file, "the file has more than 512 MiB");
    else if (e == PL_ENOMEM)
        status = refuse(config->file, "there is not enough memory");
    else if (e)
        status = refuse(config->file, strerror(errno));
    else
        status = report->faulty ? PL_EXIT_FAULTY : 0;
    if (words.data && fwrite(words.data, 1, words.len, stdout) != words.len)
        status = refuse("standard output", strerror(errno));
out:
    pl_buf_free(&file);
    pl_buf_free(&paper);
    pl_buf_free(&words);
    free(report);
    return status;
}
