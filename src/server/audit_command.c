/* See audit_command.h. */
#include "server/audit_command.h"

#include "crypto/hash.h"
#include "io/entropy.h"
#include "record/audit.h"
#include "server/audit.h"
#include "server/complain.h"
#include "server/verify.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

static bool join(const char *data, const char *name, char out[1024])
{
    int n = snprintf(out, 1024, "%s/%s", data, name);
    return (n > 0 && n < 1024) || pl_complain("--data %.100s: the name is too long", data);
}

static bool write_audit(struct pl_store *store, const struct pl_record_id *id)
{
    struct pl_signing nobody = {.id = *id}; /* nothing is signed here */
    struct pl_audit *audit;
    struct pl_buf out = {0};
    enum pl_err e = pl_audit_new(store, &nobody, &audit);
    if (e)
        return pl_complain("the audit %s",
                           e == PL_EINVAL ? "is not what was signed" : "cannot be read");
    e = pl_audit_write(audit, &out);
    pl_audit_free(audit);
    bool good = !e && fwrite(out.data, 1, out.len, stdout) == out.len && fflush(stdout) == 0;
    pl_buf_free(&out);
    if (e)
        return pl_complain(e == PL_ENOENT   ? "nothing was done on this server yet"
                           : e == PL_ESTATE ? "the key was changed: start the server with it first"
                                            : "the audit cannot be read");
    return good || pl_complain("standard output: %s", strerror(errno));
}

bool pl_audit_command(const char *data)
{
    char path[1024], why[PL_RECORD_KEY_WHY_SIZE];
    struct pl_record_key key;
    struct pl_store *store;
    if (!join(data, "record.key", path))
        return false;
    enum pl_err e = pl_record_key_read(path, &key, why);
    if (e == PL_ENOENT)
        return pl_complain("--data %.200s: this is no data folder of a server", data);
    if (e)
        return pl_complain("%s", why);
    bool good = join(data, "parley.db", path);
    if (good && pl_store_open_read(path, pl_entropy(), &store, why) != PL_OK)
        good = pl_complain("%s", why);
    else if (good) {
        good = write_audit(store, &key.id);
        pl_store_close(store);
    }
    pl_wipe(&key, sizeof key);
    return good;
}

static void print_time(const char *word, int64_t ms)
{
    char text[64] = "?";
    time_t s = (time_t)(ms / 1000);
    struct tm utc;
    if (gmtime_r(&s, &utc))
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &utc);
    printf(" %s %s", word, text);
}

static void print_good(const struct pl_audit_report *r)
{
    printf("Audit %s.\n%" PRIu64 " event%s", r->origin, r->events, r->events == 1 ? "" : "s");
    if (r->events > r->forgotten) {
        print_time("from", r->from_ms);
        print_time("to", r->to_ms);
    }
    puts(".\n\nChecked:\n  Log           all events fit the checkpoint that the server signed.");
    if (r->key_pinned)
        puts("  Server's key  the one that you gave.");
    puts("\nNot checked:");
    if (!r->key_pinned)
        printf("  Server's key  not pinned: get it from the server (parley key show), and give it "
               "with --key.\n                In the file it is\n                %s\n",
               r->key);
    if (r->forgotten)
        printf("  Forgotten     what %" PRIu64 " event%s said: older than the audit is kept.\n",
               r->forgotten, r->forgotten == 1 ? "" : "s");
    puts("  Acts          that they were done so, and that clocks were right, is the server's word."
         "\n\nGood: no fault was found.");
}

int pl_audit_verify_command(struct pl_str file, const char *key)
{
    struct pl_audit_report report;
    const struct pl_str pinned = key ? pl_str(key) : (struct pl_str){.p = NULL, .n = 0};
    if (pl_audit_verify(file, pinned, &report)) {
        pl_complain("there is not enough memory");
        return PL_EXIT_REFUSED;
    }
    if (!report.faulty) {
        print_good(&report);
        return 0;
    }
    printf("FAULT in line %" PRIu64 ":\n  %s\n\nDo not rely on this file.\n", report.line,
           report.why);
    return PL_EXIT_FAULTY;
}
