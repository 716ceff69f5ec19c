/* The bytes of documents in the store. See store.h. */
#include "server/store_parts.h"

#include <string.h>

enum pl_err pl_store_insert_document(struct pl_store *s, int64_t meeting,
                                     const struct pl_store_document *document)
{
    struct pl_str rest = document->bytes;
    for (int64_t part = 0; rest.n > 0; part++) {
        size_t n = rest.n < PL_DOCUMENT_PART ? rest.n : PL_DOCUMENT_PART;
        pl_stmt_begin(s->document_add);
        pl_stmt_int(s->document_add, 1, meeting);
        pl_stmt_text(s->document_add, 2, pl_str(document->id));
        pl_stmt_int(s->document_add, 3, part);
        pl_stmt_blob(s->document_add, 4, rest.p, n);
        enum pl_err e = pl_stmt_run(s->document_add);
        if (e)
            return e;
        rest = (struct pl_str){rest.p + n, rest.n - n};
    }
    return PL_OK;
}

enum pl_err pl_store_read_document(struct pl_store *s, struct pl_str meeting, struct pl_str id,
                                   size_t part, uint8_t out[PL_DOCUMENT_PART], size_t *n)
{
    pl_stmt_begin(s->document);
    pl_stmt_text(s->document, 1, meeting);
    pl_stmt_text(s->document, 2, id);
    pl_stmt_int(s->document, 3, (int64_t)part);
    enum pl_err e = pl_stmt_row(s->document);
    if (!e) {
        struct pl_str bytes = pl_stmt_col_blob(s->document, 0);
        if (bytes.n == 0 || bytes.n > PL_DOCUMENT_PART) {
            e = PL_EIO; /* we did not write that */
        } else {
            memcpy(out, bytes.p, bytes.n);
            *n = bytes.n;
        }
    }
    pl_stmt_end(s->document);
    return !e || e == PL_ENOENT ? e : PL_EIO;
}

enum pl_err pl_store_drop_document(struct pl_store *s, struct pl_str meeting, struct pl_str id)
{
    pl_stmt_begin(s->document_drop);
    pl_stmt_text(s->document_drop, 1, meeting);
    pl_stmt_text(s->document_drop, 2, id);
    return pl_stmt_run(s->document_drop) ? PL_EIO : PL_OK;
}
