/* See json.h. Whether a comma is due is read off the last byte written, so there is no state. */
#include "base/json.h"

static void quoted(struct pl_buf *b, struct pl_str s)
{
    pl_buf_add(b, "\"", 1);
    size_t from = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        /* '<' too, so that the text may stand inside a page; U+2028 is data in every JSON parser.
         */
        if (c >= 0x20 && c != '"' && c != '\\' && c != '<')
            continue;
        pl_buf_add(b, s.p + from, i - from);
        if (c == '"' || c == '\\')
            pl_buf_printf(b, "\\%c", c);
        else
            pl_buf_printf(b, "\\u%04x", c);
        from = i + 1;
    }
    if (s.n > from) /* an empty text may be nowhere */
        pl_buf_add(b, s.p + from, s.n - from);
    pl_buf_add(b, "\"", 1);
}

static void lead(struct pl_buf *b, const char *key)
{
    char last = b->len ? b->data[b->len - 1] : '[';
    if (last != '{' && last != '[')
        pl_buf_add(b, ",", 1);
    if (key) {
        quoted(b, pl_str(key));
        pl_buf_add(b, ":", 1);
    }
}

void pl_json_open(struct pl_buf *b, const char *key, char bracket)
{
    lead(b, key);
    pl_buf_add(b, &bracket, 1);
}

void pl_json_close(struct pl_buf *b, char bracket)
{
    pl_buf_add(b, &bracket, 1);
}

void pl_json_str(struct pl_buf *b, const char *key, const char *value)
{
    if (value)
        pl_json_strn(b, key, pl_str(value));
    else
        pl_json_raw(b, key, "null");
}

void pl_json_strn(struct pl_buf *b, const char *key, struct pl_str value)
{
    lead(b, key);
    quoted(b, value);
}

void pl_json_int(struct pl_buf *b, const char *key, int64_t value)
{
    lead(b, key);
    pl_buf_printf(b, "%lld", (long long)value);
}

void pl_json_bool(struct pl_buf *b, const char *key, bool value)
{
    pl_json_raw(b, key, value ? "true" : "false");
}

void pl_json_raw(struct pl_buf *b, const char *key, const char *json)
{
    lead(b, key);
    pl_buf_puts(b, json);
}
