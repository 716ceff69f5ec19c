/* The one list of errors. 0 is success; a function that fails writes none of its outputs. */
#ifndef PL_BASE_ERR_H
#define PL_BASE_ERR_H

enum pl_err {
    PL_OK = 0,
    PL_EINVAL,       /* the input is malformed */
    PL_ETRUNC,       /* the input ends too early, or the output does not fit */
    PL_ENOMEM,       /* no memory */
    PL_ELIMIT,       /* a named limit is reached */
    PL_EAUTH,        /* authentication failed */
    PL_EREPLAY,      /* seen before, or too old to tell */
    PL_ESTATE,       /* not possible in this state */
    PL_ENOENT,       /* no such thing */
    PL_EEXIST,       /* there already */
    PL_EAGAIN,       /* not now; try again when told */
    PL_EIO,          /* the system refused; errno tells */
    PL_EUNSUPPORTED, /* well-formed, and not offered here */
};

#define PL_CHECKED __attribute__((warn_unused_result))

#endif
