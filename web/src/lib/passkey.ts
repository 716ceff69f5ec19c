// Passkeys: from the server's question to the browser's answer, and back. What the server asks comes
// with a secret, by which it knows the answer for this page's own. Bytes travel as base64url.
import { type Bytes, fromBase64url, toBase64url } from "../e2ee/bytes";

export interface Asked {
  secret: string;
  publicKey: Record<string, unknown>;
}

export interface Passkey {
  id: string;
  name: string;
  made: number;
  used?: number;
  /** There are copies, in an account of the maker of the device or browser. */
  backedUp: boolean;
}

/** Why there is none: the person went no further, has it already, or the browser cannot. */
export class PasskeyError extends Error {
  constructor(readonly kind: "stopped" | "known" | "unable") {
    super(kind);
  }
}

export function canUsePasskeys(): boolean {
  return typeof PublicKeyCredential === "function" && window.isSecureContext;
}

function bytesOf(value: unknown): Bytes {
  const bytes = typeof value === "string" ? fromBase64url(value) : undefined;
  if (!bytes) throw new TypeError("the server's question is malformed");
  return bytes;
}

const textOf = (buffer: ArrayBuffer) => toBase64url(new Uint8Array(buffer));

type Descriptor = { id: string; type: "public-key" };
const descriptors = (list: unknown) =>
  ((list as Descriptor[] | undefined) ?? []).map(({ id, type }) => ({ type, id: bytesOf(id) }));

/** What navigator.credentials.create() takes; browsers' own reading of it (parseCreationOptionsFromJSON)
 * is not everywhere yet. */
export function creationOf(asked: Record<string, unknown>): PublicKeyCredentialCreationOptions {
  const user = asked.user as { id: string; name: string; displayName: string };
  return {
    ...(asked as unknown as PublicKeyCredentialCreationOptions),
    challenge: bytesOf(asked.challenge),
    user: { ...user, id: bytesOf(user.id) },
    excludeCredentials: descriptors(asked.excludeCredentials),
  };
}

export function requestOf(asked: Record<string, unknown>): PublicKeyCredentialRequestOptions {
  return {
    ...(asked as unknown as PublicKeyCredentialRequestOptions),
    challenge: bytesOf(asked.challenge),
    allowCredentials: descriptors(asked.allowCredentials),
  };
}

/** Browsers tell little, so that pages learn nothing of passkeys that are not theirs. */
function errorOf(error: unknown): unknown {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "AbortError") return new PasskeyError("stopped");
  if (name === "InvalidStateError") return new PasskeyError("known");
  if (["NotSupportedError", "SecurityError", "ConstraintError"].includes(name)) return new PasskeyError("unable");
  return error;
}

/** The answer for `add/answer`, but for the name. Throws a PasskeyError. */
export async function makePasskey({ secret, publicKey }: Asked): Promise<Record<string, string>> {
  let made: PublicKeyCredential | null;
  try {
    made = (await navigator.credentials.create({ publicKey: creationOf(publicKey) })) as PublicKeyCredential | null;
  } catch (error) {
    throw errorOf(error);
  }
  if (!made) throw new PasskeyError("stopped");
  const response = made.response as AuthenticatorAttestationResponse;
  return {
    secret,
    clientDataJSON: textOf(response.clientDataJSON),
    attestationObject: textOf(response.attestationObject),
  };
}

/** The answer for the question of signing in. Throws a PasskeyError. */
export async function usePasskey({ secret, publicKey }: Asked): Promise<Record<string, string>> {
  let used: PublicKeyCredential | null;
  try {
    used = (await navigator.credentials.get({ publicKey: requestOf(publicKey) })) as PublicKeyCredential | null;
  } catch (error) {
    throw errorOf(error);
  }
  if (!used) throw new PasskeyError("stopped");
  const response = used.response as AuthenticatorAssertionResponse;
  return {
    secret,
    id: textOf(used.rawId),
    clientDataJSON: textOf(response.clientDataJSON),
    authenticatorData: textOf(response.authenticatorData),
    signature: textOf(response.signature),
    userHandle: textOf(response.userHandle ?? new ArrayBuffer(0)),
  };
}
