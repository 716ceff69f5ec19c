/* A certificate for "localhost", signed by itself. */
#ifndef TESTS_CERTIFICATE_H
#define TESTS_CERTIFICATE_H

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>

/* Each file is replaced in one step; without `key_file` the key is lost, and the certificate fits
 * no other. */
static inline void certificate_write(const char *cert_file, const char *key_file, long serial)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    X509_set_version(cert, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), serial);
    X509_gmtime_adj(X509_getm_notBefore(cert), -60);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    X509_set_pubkey(cert, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
                               (const unsigned char *)"localhost", -1, -1, 0);
    X509_set_issuer_name(cert, X509_get_subject_name(cert));
    X509_sign(cert, key, EVP_sha256());
    char tmp[128];
    snprintf(tmp, sizeof tmp, "%s.tmp", cert_file);
    FILE *f;
    if (key_file) {
        f = fopen(tmp, "w");
        PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL);
        fclose(f);
        rename(tmp, key_file);
    }
    f = fopen(tmp, "w");
    PEM_write_X509(f, cert);
    fclose(f);
    rename(tmp, cert_file);
    X509_free(cert);
    EVP_PKEY_free(key);
}

#endif
