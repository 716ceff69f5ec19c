/* Passkeys (Web Authentication Level 3, as "WebAuthn" below): what a browser is asked, and what is
 * made of its answers. Pure: challenges, times and what is kept come from outside. Any thread.
 *
 * The attestation is not asked for, and what is sent of it all the same is passed over: no maker of
 * authenticators is trusted here, and a statement that is checked against nothing says nothing. So
 * who enrols is known by the way in which they came to be asked (a session, or a link to enrol by).
 */
#ifndef PL_IDENTITY_PASSKEY_H
#define PL_IDENTITY_PASSKEY_H

#include "base/buf.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

#define PL_PASSKEY_CHALLENGE_SIZE 32     /* WebAuthn 13.4.3 asks for 16 at least */
#define PL_PASSKEY_ID_MIN 16             /* WebAuthn 4, "Credential ID" */
#define PL_PASSKEY_ID_MAX 1023           /* the same */
#define PL_PASSKEY_KEY_MAX 600           /* a COSE key of RSA with 4,096 bits takes 529 */
#define PL_PASSKEY_USER_SIZE 32          /* WebAuthn 14.6.1: random, at most 64 */
#define PL_PASSKEY_CLIENT_DATA_MAX 2048  /* bytes of clientDataJSON */
#define PL_PASSKEY_DATA_MAX 4096         /* of authenticatorData */
#define PL_PASSKEY_ATTESTATION_MAX 16384 /* of attestationObject, which may bring certificates */
#define PL_PASSKEY_SIGNATURE_MAX 512     /* of RSA with 4,096 bits */
#define PL_PASSKEY_ORIGIN_MAX 270
#define PL_PASSKEY_TIMEOUT_MS (5 * 60 * 1000) /* WebAuthn 15.1; the challenge lives as long */

/* Who asks: the relying party. */
struct pl_passkey_site {
    char origin[PL_PASSKEY_ORIGIN_MAX]; /* "https://host[:port]", exactly as browsers write it */
    char rp_id[254];                    /* the host */
};

/* Of the address at which people reach the server. PL_EUNSUPPORTED: browsers make no passkeys for
 * it, since it is no name but an address, or not https (they take http for localhost). PL_EINVAL.
 */
enum pl_err pl_passkey_site(struct pl_str public_url, struct pl_passkey_site *out) PL_CHECKED;

/* What is kept of a passkey. */
struct pl_passkey {
    uint8_t id[PL_PASSKEY_ID_MAX];
    size_t id_n;
    uint8_t key[PL_PASSKEY_KEY_MAX]; /* COSE (RFC 9052, 7) as it came */
    size_t key_n;
    uint32_t count;  /* of signatures; 0: it does not count */
    bool may_backup; /* it may be on several devices (flag BE): never changes */
    bool backed_up;  /* it is (BS) */
};

/* Why an answer is refused; pl_passkey_words has one clear sentence for people of each. */
enum pl_passkey_fault {
    PL_PASSKEY_OK,
    PL_PASSKEY_CLIENT_DATA, /* clientDataJSON is malformed */
    PL_PASSKEY_TYPE,        /* it answers another kind of question */
    PL_PASSKEY_CHALLENGE,
    PL_PASSKEY_ORIGIN,   /* the page was of another site */
    PL_PASSKEY_EMBEDDED, /* or inside another page */
    PL_PASSKEY_DATA,     /* authenticatorData is malformed */
    PL_PASSKEY_RP,       /* the passkey is of another site */
    PL_PASSKEY_ABSENT,   /* nobody was there */
    PL_PASSKEY_BACKUP,   /* it contradicts itself about its copies */
    PL_PASSKEY_ID,
    PL_PASSKEY_KEY, /* not of an algorithm that was asked for */
    PL_PASSKEY_SIGNATURE,
    PL_PASSKEY_UNVERIFIED, /* nobody was asked for a PIN or the like */
    PL_PASSKEY_CLONED,     /* its counter went back */
    PL_PASSKEY_FAULT_COUNT
};

extern const char *const pl_passkey_words[PL_PASSKEY_FAULT_COUNT];

/* The options of navigator.credentials.create() and get() as JSON; bytes as base64url
 * (WebAuthn 5.1.8 and 5.1.9, parseCreationOptionsFromJSON and parseRequestOptionsFromJSON). */
struct pl_passkey_user {
    const uint8_t *handle; /* PL_PASSKEY_USER_SIZE bytes */
    struct pl_str name, display_name;
};
struct pl_passkey_ref { /* a passkey that the account has already */
    const uint8_t *id;
    size_t n;
};
void pl_passkey_creation(struct pl_buf *json, const struct pl_passkey_site *site,
                         const uint8_t challenge[PL_PASSKEY_CHALLENGE_SIZE],
                         const struct pl_passkey_user *user, const struct pl_passkey_ref *has,
                         size_t n_has);
/* No account is named: the passkey says whose it is. */
void pl_passkey_request(struct pl_buf *json, const struct pl_passkey_site *site,
                        const uint8_t challenge[PL_PASSKEY_CHALLENGE_SIZE]);

/* Judges the answer to create() (WebAuthn 7.1), bytes as they are. *out is written if it is OK. */
enum pl_passkey_fault pl_passkey_register(const struct pl_passkey_site *site,
                                          const uint8_t challenge[PL_PASSKEY_CHALLENGE_SIZE],
                                          struct pl_str client_data,
                                          struct pl_str attestation_object,
                                          struct pl_passkey *out) PL_CHECKED;

/* Judges the answer to get() (WebAuthn 7.2) by the passkey that it names. OK: its count and
 * backed_up are those of now, which the caller keeps before it lets anybody in; else it is
 * unchanged. UNVERIFIED and CLONED are said only of what its key has signed. */
struct pl_passkey_answer {
    struct pl_str client_data, authenticator_data, signature;
};
enum pl_passkey_fault pl_passkey_assert(const struct pl_passkey_site *site,
                                        const uint8_t challenge[PL_PASSKEY_CHALLENGE_SIZE],
                                        const struct pl_passkey_answer *answer,
                                        struct pl_passkey *passkey) PL_CHECKED;

#endif
