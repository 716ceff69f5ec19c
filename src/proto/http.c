/* See http.h. The head is parsed in one go once it is complete; the chunked coding byte by byte,
 * but for the bodies of chunks. */
#include "proto/http.h"

#define HEAD_LINE_MAX (PL_HTTP_METHOD_MAX + 1 + PL_HTTP_TARGET_MAX + sizeof " HTTP/1.1\r\n" - 1)

static enum pl_err refuse(struct pl_http_request *out, unsigned status, const char *why)
{
    *out = (struct pl_http_request){.status = status, .why = why};
    return PL_EINVAL;
}

/* RFC 9110, 5.6.2 */
static bool is_tchar(char c)
{
    if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
        return true;
    return c != 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

static bool is_token(struct pl_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_tchar(s.p[i]))
            return false;
    return s.n > 0;
}

static bool is_control(char c)
{
    return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f;
}

static bool has_control(struct pl_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (is_control(s.p[i]))
            return true;
    return false;
}

/* Optional white space is space and tab only (RFC 9110, 5.6.3). */
static struct pl_str trim(struct pl_str s)
{
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
        s.p++, s.n--;
    while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
        s.n--;
    return s;
}

/* Sets *end behind the empty line that ends the head; 0 if it has not come yet. `from` is where the
 * request line begins. False: some line ends in a bare LF. */
static bool find_end(const char *bytes, size_t n, size_t from, size_t *end)
{
    *end = 0;
    for (size_t line = from; line < n;) {
        const char *lf = memchr(bytes + line, '\n', n - line);
        if (!lf)
            return true;
        size_t next = (size_t)(lf - bytes) + 1;
        if (next - line < 2 || lf[-1] != '\r')
            return false;
        if (next - line == 2) {
            *end = next;
            return true;
        }
        line = next;
    }
    return true;
}

/* The head has not ended: is there any way that it could still be taken? */
static enum pl_err unfinished(const char *bytes, size_t n, size_t from, struct pl_http_request *out)
{
    if (n - from > 0 && bytes[from] != '\r' && !is_tchar(bytes[from]))
        return refuse(out, 400, "This is not HTTP.");
    if (n - from >= HEAD_LINE_MAX && !memchr(bytes + from, '\n', n - from))
        return refuse(out, 414, "The request line is too long.");
    if (n >= PL_HTTP_HEAD_MAX)
        return refuse(out, 431, "The head of the request is too large.");
    return PL_EAGAIN;
}

/* "HTTP/1.1": sets the minor version; 0 or the status of the refusal. */
static unsigned parse_version(struct pl_str version, struct pl_http_request *out)
{
    if (version.n != 8 || memcmp(version.p, "HTTP/", 5) != 0 || version.p[6] != '.' ||
        version.p[5] < '0' || version.p[5] > '9' || version.p[7] < '0' || version.p[7] > '9')
        return 400;
    if (version.p[5] != '1')
        return 505;
    out->minor = (unsigned)(version.p[7] - '0');
    return 0;
}

/* method SP request-target SP HTTP-version (RFC 9112, 3), one space each. */
static enum pl_err parse_request_line(struct pl_str line, struct pl_http_request *out)
{
    struct pl_str rest = line;
    struct pl_str method = pl_str_split(&rest, ' ');
    struct pl_str target = pl_str_split(&rest, ' ');
    if (!is_token(method))
        return refuse(out, 400, "The method is not a token.");
    if (method.n > PL_HTTP_METHOD_MAX)
        return refuse(out, 501, "The method is not known here.");
    if (target.n > PL_HTTP_TARGET_MAX)
        return refuse(out, 414, "The request target is too long.");
    unsigned status = parse_version(rest, out);
    if (status == 505)
        return refuse(out, 505, "Only HTTP/1.1 is spoken here.");
    if (status != 0)
        return refuse(out, 400, "The request line is malformed.");
    for (size_t i = 0; i < target.n; i++)
        if (target.p[i] <= ' ' || target.p[i] >= 0x7f || target.p[i] == '#')
            return refuse(out, 400, "The request target holds a character that a URI may not.");
    bool asterisk = pl_str_eq(target, "*") && pl_str_eq(method, "OPTIONS");
    if (!asterisk && (target.n == 0 || target.p[0] != '/'))
        return refuse(out, 400, "The request target must be a path.");
    out->method = method;
    out->query = target;
    out->path = pl_str_split(&out->query, '?');
    return PL_OK;
}

static enum pl_err parse_field(struct pl_str line, struct pl_http_request *out)
{
    if (line.p[0] == ' ' || line.p[0] == '\t')
        return refuse(out, 400, "Folded header lines are not taken.");
    const char *colon = memchr(line.p, ':', line.n);
    if (!colon)
        return refuse(out, 400, "A header line has no colon.");
    struct pl_str name = {line.p, (size_t)(colon - line.p)};
    struct pl_str value = trim((struct pl_str){colon + 1, line.n - name.n - 1});
    if (!is_token(name))
        return refuse(out, 400, "A header's name is not a token.");
    if (has_control(value))
        return refuse(out, 400, "A header's value holds a control character.");
    if (out->n_headers == PL_HTTP_HEADERS_MAX)
        return refuse(out, 431, "The request has too many header lines.");
    out->headers[out->n_headers++] = (struct pl_http_field){name, value};
    return PL_OK;
}

/* How many headers have the name; *first is the first one's value. */
static size_t count(const struct pl_http_request *r, const char *name, struct pl_str *first)
{
    size_t n = 0;
    *first = (struct pl_str){NULL, 0};
    for (size_t i = 0; i < r->n_headers; i++)
        if (pl_str_eq_nocase(r->headers[i].name, name) && n++ == 0)
            *first = r->headers[i].value;
    return n;
}

struct pl_str pl_http_header(const struct pl_http_request *r, const char *name)
{
    struct pl_str value;
    (void)count(r, name, &value);
    return value;
}

bool pl_http_list_has(struct pl_str list, const char *token)
{
    while (list.n)
        if (pl_str_eq_nocase(trim(pl_str_split(&list, ',')), token))
            return true;
    return false;
}

/* A list may be spread over several lines of the same name (RFC 9110, 5.3). */
static bool any_list_has(const struct pl_http_request *r, const char *name, const char *token)
{
    for (size_t i = 0; i < r->n_headers; i++)
        if (pl_str_eq_nocase(r->headers[i].name, name) &&
            pl_http_list_has(r->headers[i].value, token))
            return true;
    return false;
}

/* RFC 9112, 3.2: exactly one, and of the characters of uri-host and port (RFC 3986, 3.2). */
static enum pl_err check_host(struct pl_http_request *out)
{
    struct pl_str host;
    size_t n = count(out, "Host", &host);
    if (n == 0 && out->minor == 0)
        return PL_OK;
    if (n != 1 || host.n == 0)
        return refuse(out, 400, "The request must have one Host header.");
    for (size_t i = 0; i < host.n; i++) {
        char c = host.p[i];
        bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!alnum && (c == 0 || !strchr("-._~!$&'()*+,;=%[]:", c)))
            return refuse(out, 400, "The Host header is malformed.");
    }
    return PL_OK;
}

/* How long the body is (RFC 9112, 6). Anything that two parsers might read differently is out. */
static enum pl_err check_framing(struct pl_http_request *out)
{
    struct pl_str length, coding;
    size_t lengths = count(out, "Content-Length", &length);
    size_t codings = count(out, "Transfer-Encoding", &coding);
    if (lengths > 1)
        return refuse(out, 400, "The request has more than one Content-Length.");
    if (lengths && codings)
        return refuse(out, 400, "Content-Length and Transfer-Encoding exclude each other.");
    if (codings > 1 || (codings && out->minor == 0))
        return refuse(out, 400, "Transfer-Encoding is misplaced.");
    if (codings && !pl_str_eq_nocase(coding, "chunked"))
        return refuse(out, 501, "No transfer coding is known here but chunked.");
    if (lengths && pl_parse_u64(length, INT64_MAX, &out->content_length) != PL_OK)
        return refuse(out, 400, "The Content-Length is not a number.");
    out->has_length = lengths > 0;
    out->chunked = codings > 0;
    return PL_OK;
}

static enum pl_err check_connection(struct pl_http_request *out)
{
    struct pl_str expect;
    if (count(out, "Expect", &expect) && out->minor > 0) {
        if (!pl_str_eq_nocase(expect, "100-continue"))
            return refuse(out, 417, "The expectation is not known here.");
        out->expect_continue = true;
    }
    out->keep_alive = out->minor > 0 && !any_list_has(out, "Connection", "close");
    out->websocket = out->minor > 0 && any_list_has(out, "Upgrade", "websocket") &&
                     any_list_has(out, "Connection", "upgrade");
    if (count(out, "Sec-WebSocket-Key", &out->ws_key) > 1 ||
        count(out, "Sec-WebSocket-Version", &out->ws_version) > 1)
        return refuse(out, 400, "A WebSocket header is given twice.");
    return PL_OK;
}

/* All lines of a complete head, each ending in CRLF, the last one empty. */
static enum pl_err parse_head(struct pl_str head, struct pl_http_request *out)
{
    enum pl_err e = PL_OK;
    for (bool first = true; e == PL_OK; first = false) {
        struct pl_str line = pl_str_split(&head, '\n');
        line.n--; /* the CR, as find_end saw */
        if (line.n == 0 && !first)
            return PL_OK;
        e = first ? parse_request_line(line, out) : parse_field(line, out);
    }
    return e;
}

enum pl_err pl_http_parse(const char *bytes, size_t n, struct pl_http_request *out)
{
    size_t from = n >= 2 && bytes[0] == '\r' && bytes[1] == '\n' ? 2 : 0;
    size_t end;
    if (!find_end(bytes, n, from, &end))
        return refuse(out, 400, "A line of the head ends without a carriage return.");
    if (end == 0)
        return unfinished(bytes, n, from, out);
    if (end > PL_HTTP_HEAD_MAX)
        return refuse(out, 431, "The head of the request is too large.");
    *out = (struct pl_http_request){.head_len = end};
    enum pl_err e = parse_head((struct pl_str){bytes + from, end - from}, out);
    if (e == PL_OK)
        e = check_host(out);
    if (e == PL_OK)
        e = check_framing(out);
    if (e == PL_OK)
        e = check_connection(out);
    return e;
}

enum {
    CHUNK_SIZE, /* 0: the first thing in a body */
    CHUNK_SIZE_MORE,
    CHUNK_EXTENSION,
    CHUNK_SIZE_LF,
    CHUNK_DATA,
    CHUNK_DATA_CR,
    CHUNK_DATA_LF,
    TRAILER_START,
    TRAILER,
    TRAILER_LF,
    LAST_LF,
    CHUNKED_END,
};

#define CHUNK_MAX ((uint64_t)1 << 56) /* so that one more digit cannot overflow */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* One byte of a chunk-size line: 1*HEXDIG [chunk-ext] CRLF. No white space before an extension:
 * RFC 9112, 7.1.1 lets a receiver take it, and parsers have been fooled by it. */
static enum pl_err size_byte(struct pl_http_chunked *c, char b)
{
    int digit = hex_digit(b);
    if (++c->line > PL_HTTP_CHUNK_LINE_MAX)
        return PL_ELIMIT;
    switch (c->state) {
    case CHUNK_SIZE:
    case CHUNK_SIZE_MORE:
        if (digit >= 0) {
            if (c->left >= CHUNK_MAX)
                return PL_EINVAL;
            c->left = c->left * 16 + (unsigned)digit;
            c->state = CHUNK_SIZE_MORE;
            return PL_OK;
        }
        if (c->state == CHUNK_SIZE || (b != ';' && b != '\r'))
            return PL_EINVAL;
        c->state = b == ';' ? CHUNK_EXTENSION : CHUNK_SIZE_LF;
        return PL_OK;
    case CHUNK_EXTENSION:
        if (b == '\r')
            c->state = CHUNK_SIZE_LF;
        return b != '\r' && is_control(b) ? PL_EINVAL : PL_OK;
    default: /* CHUNK_SIZE_LF */
        c->line = 0;
        c->state = c->left ? CHUNK_DATA : TRAILER_START;
        return b == '\n' ? PL_OK : PL_EINVAL;
    }
}

/* One byte behind the last chunk: *(field-line CRLF) CRLF. */
static enum pl_err trailer_byte(struct pl_http_chunked *c, char b)
{
    if (++c->trailer > PL_HTTP_TRAILER_MAX)
        return PL_ELIMIT;
    switch (c->state) {
    case TRAILER_START:
        c->state = b == '\r' ? LAST_LF : TRAILER;
        return b == '\r' || is_tchar(b) ? PL_OK : PL_EINVAL;
    case TRAILER:
        if (b == '\r')
            c->state = TRAILER_LF;
        return b != '\r' && is_control(b) ? PL_EINVAL : PL_OK;
    default: /* TRAILER_LF, LAST_LF */
        c->state = c->state == LAST_LF ? CHUNKED_END : TRAILER_START;
        return b == '\n' ? PL_OK : PL_EINVAL;
    }
}

static enum pl_err chunk_byte(struct pl_http_chunked *c, char b)
{
    if (c->state == CHUNK_DATA_CR) {
        c->state = CHUNK_DATA_LF;
        return b == '\r' ? PL_OK : PL_EINVAL;
    }
    if (c->state == CHUNK_DATA_LF) {
        c->state = CHUNK_SIZE;
        return b == '\n' ? PL_OK : PL_EINVAL;
    }
    return c->state >= TRAILER_START ? trailer_byte(c, b) : size_byte(c, b);
}

enum pl_err pl_http_chunked(struct pl_http_chunked *c, struct pl_str *in, struct pl_str *data)
{
    while (in->n) {
        if (c->state == CHUNK_DATA) {
            size_t n = in->n < c->left ? in->n : (size_t)c->left;
            *data = (struct pl_str){in->p, n};
            in->p += n;
            in->n -= n;
            c->left -= n;
            if (c->left == 0)
                c->state = CHUNK_DATA_CR;
            return PL_OK;
        }
        enum pl_err e = chunk_byte(c, in->p[0]);
        if (e != PL_OK)
            return e;
        in->p++;
        in->n--;
        if (c->state == CHUNKED_END) {
            *data = (struct pl_str){in->p, 0};
            return PL_OK;
        }
    }
    return PL_EAGAIN;
}

/* Decodes without judging what comes out. */
static enum pl_err unescape(struct pl_str s, bool form, char *out, size_t size, size_t *len)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (form && c == '+') {
            c = ' ';
        } else if (c == '%') {
            int high = s.n - i > 2 ? hex_digit(s.p[i + 1]) : -1;
            int low = s.n - i > 2 ? hex_digit(s.p[i + 2]) : -1;
            if (high < 0 || low < 0)
                return PL_EINVAL;
            c = (char)(high << 4 | low);
            i += 2;
        }
        if (n + 1 >= size)
            return PL_ETRUNC;
        out[n++] = c;
    }
    out[n] = 0;
    *len = n;
    return PL_OK;
}

enum pl_err pl_http_segment(struct pl_str segment, char *out, size_t size)
{
    size_t n = 0;
    enum pl_err e = unescape(segment, false, out, size, &n);
    struct pl_str text = {out, n};
    if (e == PL_OK && (!pl_text_ok(text) || (n && strpbrk(out, "/\t\n")) || memchr(out, 0, n)))
        e = PL_EINVAL;
    if (e != PL_OK)
        out[0] = 0;
    return e;
}

enum pl_err pl_http_query(struct pl_str query, const char *name, char *out, size_t size)
{
    struct pl_str found = {NULL, 0};
    size_t n = 0;
    out[0] = 0;
    while (query.n) {
        struct pl_str value = pl_str_split(&query, '&');
        struct pl_str key = pl_str_split(&value, '=');
        if (!pl_str_eq(key, name))
            continue;
        if (found.p)
            return PL_EEXIST;
        found = value.p ? value : (struct pl_str){"", 0};
    }
    if (!found.p)
        return PL_ENOENT;
    enum pl_err e = unescape(found, true, out, size, &n);
    struct pl_str text = {out, n};
    if (e == PL_OK && (!pl_text_ok(text) || memchr(out, 0, n) || strpbrk(out, "\t\n")))
        e = PL_EINVAL;
    if (e != PL_OK)
        out[0] = 0;
    return e;
}

const char *pl_http_reason(unsigned status)
{
    static const struct {
        unsigned status;
        const char *reason;
    } rows[] = {
        {100, "Continue"},
        {101, "Switching Protocols"},
        {200, "OK"},
        {201, "Created"},
        {204, "No Content"},
        {206, "Partial Content"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {303, "See Other"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {411, "Length Required"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {421, "Misdirected Request"},
        {422, "Unprocessable Content"},
        {426, "Upgrade Required"},
        {428, "Precondition Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
        {505, "HTTP Version Not Supported"},
        {507, "Insufficient Storage"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].status == status)
            return rows[i].reason;
    return "Unknown";
}
