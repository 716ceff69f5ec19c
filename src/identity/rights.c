/* See rights.h. */
#include "identity/rights.h"

const char *const pl_body_role_words[PL_BODY_ROLE_COUNT] = {"reader", "secretary"};

bool pl_may(const struct pl_standing *who, enum pl_right right)
{
    if (who->administrator)
        return true;
    if (!who->in_body)
        return false;
    return right == PL_RIGHT_READ || (right == PL_RIGHT_PREPARE && who->role == PL_BODY_SECRETARY);
}

const char *pl_right_missing(enum pl_right right, bool of_body)
{
    if (right == PL_RIGHT_ADMINISTER)
        return "This needs the right of an administrator, which your account does not have.";
    if (!of_body)
        return "This meeting belongs to no body: only an administrator may do this.";
    return right == PL_RIGHT_READ
               ? "This needs a role in the meeting's body, which your account does not have."
               : "This needs the role of a secretary in the meeting's body, which your account "
                 "does not have.";
}

int64_t pl_session_end_ms(int64_t began_ms, int64_t used_ms)
{
    int64_t idle = used_ms + PL_SESSION_IDLE_MS, life = began_ms + PL_SESSION_LIFE_MS;
    return idle < life ? idle : life;
}

bool pl_session_good(int64_t began_ms, int64_t used_ms, int64_t now_ms)
{
    return now_ms < pl_session_end_ms(began_ms, used_ms);
}

bool pl_name_ok(struct pl_str name)
{
    return name.n > 0 && !memchr(name.p, '\n', name.n) && !memchr(name.p, '\r', name.n) &&
           !memchr(name.p, '\t', name.n) && pl_text_ok(name) && !pl_text_turns(name);
}

static bool printable(struct pl_str s, size_t max)
{
    bool good = s.n > 0 && s.n <= max;
    for (size_t i = 0; good && i < s.n; i++)
        good = s.p[i] > ' ' && s.p[i] < 0x7f;
    return good;
}

bool pl_email_ok(struct pl_str email)
{
    struct pl_str rest = email;
    if (!printable(email, PL_EMAIL_MAX) || !memchr(email.p, '@', email.n))
        return false;
    struct pl_str before = pl_str_split(&rest, '@');
    return before.n > 0 && rest.n > 0 && !memchr(rest.p, '@', rest.n);
}

bool pl_subject_ok(struct pl_str subject)
{
    return printable(subject, PL_SUBJECT_MAX);
}

void pl_email_fold(struct pl_str email, char out[PL_EMAIL_MAX + 1])
{
    size_t n = email.n < PL_EMAIL_MAX ? email.n : PL_EMAIL_MAX;
    for (size_t i = 0; i < n; i++)
        out[i] =
            email.p[i] >= 'A' && email.p[i] <= 'Z' ? (char)(email.p[i] - 'A' + 'a') : email.p[i];
    out[n] = 0;
}
