// The key of who came by a link. It is made of the secret in the link, once: from then on the browser has
// it as a key that signs and cannot be read (vault.ts), and the tab remembers which one it is.
import { type Invitation, rememberKey } from "../lib/link";
import { fromBase64url, toBase64url } from "./bytes";
import { personKey, type SigningKey } from "./keys";
import { keepKey, keptKey, PERSON_KEY_LIFE_MS, personKeyName } from "./vault";

async function fromSecret(link: Invitation, secret: string): Promise<SigningKey | undefined> {
  const bytes = fromBase64url(secret);
  if (!bytes) return undefined;
  try {
    const key = await personKey(bytes, link.meeting);
    const name = toBase64url(key.publicKey);
    const until = Date.now() + PERSON_KEY_LIFE_MS;
    if (await keepKey(personKeyName(link.meeting, name), key, until)) rememberKey(link, name);
    return key;
  } catch {
    return undefined; // this browser has no Ed25519
  } finally {
    bytes.fill(0);
  }
}

const known = new WeakMap<Invitation, Promise<SigningKey | undefined>>();

async function find(link: Invitation): Promise<SigningKey | undefined> {
  const { secret, key } = link.keys ?? {};
  if (link.keys) delete link.keys.secret;
  if (secret !== undefined) return fromSecret(link, secret);
  return key === undefined ? undefined : keptKey(personKeyName(link.meeting, key));
}

/** undefined: the link has no keys, or this browser has them no longer, or can have none. Asked again, it
 * gives the same one. */
export function keyOf(link: Invitation): Promise<SigningKey | undefined> {
  let key = known.get(link);
  if (!key) known.set(link, (key = find(link)));
  return key;
}
