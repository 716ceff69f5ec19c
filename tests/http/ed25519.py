"""Ed25519 as in RFC 8032, section 6: slow, and for the tests alone."""

import hashlib
import hmac

P = 2**255 - 19
D = -121665 * pow(121666, P - 2, P) % P
Q = 2**252 + 27742317777372353535851937790883648493


def add(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = f - e, d - c, d + c, f + e
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply(n, point):
    out = (0, 1, 1, 0)
    while n > 0:
        if n & 1:
            out = add(out, point)
        point = add(point, point)
        n >>= 1
    return out


def recover_x(y, sign):
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P)
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P:
        raise ValueError("no point")
    return P - x if x & 1 != sign else x


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = recover_x(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def compress(point):
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def decompress(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    x = recover_x(y, sign)
    return (x, y, 1, x * y % P)


def scalar(seed):
    digest = hashlib.sha512(seed).digest()
    return (int.from_bytes(digest[:32], "little") & (1 << 254) - 8) | 1 << 254, digest[32:]


def mod_q(data):
    return int.from_bytes(hashlib.sha512(data).digest(), "little") % Q


def public(seed):
    return compress(multiply(scalar(seed)[0], BASE))


def sign(seed, data):
    a, prefix = scalar(seed)
    key = public(seed)
    r = mod_q(prefix + data)
    point = compress(multiply(r, BASE))
    return point + ((r + mod_q(point + key + data) * a) % Q).to_bytes(32, "little")


def verify(key, data, signature):
    s = int.from_bytes(signature[32:], "little")
    left = multiply(s, BASE)
    right = add(decompress(signature[:32]), multiply(mod_q(signature[:32] + key + data), decompress(key)))
    return compress(left) == compress(right)


def hkdf(secret, salt, info, n=32):
    """RFC 5869 with SHA-256, for at most 32 bytes."""
    key = hmac.new(salt, secret, hashlib.sha256).digest()
    return hmac.new(key, info + b"\1", hashlib.sha256).digest()[:n]
