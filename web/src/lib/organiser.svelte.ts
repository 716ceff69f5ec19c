// The organiser's key of this browser, on the preparation page: made, opened from a copy, and for whoever
// signs. Of it the page shows the fingerprint alone.
import { fromBase64url } from "../e2ee/bytes";
import { fingerprint, fingerprintDigits, keyFromSeed, openSeed, sealSeed, sign } from "../e2ee/keys";
import { CLEAR_KEY, drawSeed } from "../e2ee/organiser";
import { canVerify } from "../e2ee/support";
import { keepKey, type KeptKey, keptKey, ORGANISER_KEY } from "../e2ee/vault";

export class Organiser {
  key = $state.raw<KeptKey>();
  /** Base64url, as it stands in links. */
  fingerprint = $state("");
  /** False: this browser cannot sign. */
  able = $state(true);
  /** False: this browser keeps nothing; the key goes with the page. */
  kept = $state(true);

  /** The same in digits, as on the letter. */
  get digits(): string {
    return fingerprintDigits(this.fingerprint) ?? "";
  }

  async load(): Promise<void> {
    this.able = await canVerify();
    const key = this.able ? await keptKey(ORGANISER_KEY) : undefined;
    if (key) await this.#use(key);
  }

  /** A new one. `passphrase`: of the copy that may be taken elsewhere; undefined: none can. */
  async make(passphrase: string | undefined): Promise<void> {
    await this.#take(drawSeed(), passphrase);
  }

  /** Out of a copy, or out of the file of `parley invite`. False: it is neither, or the passphrase is another. */
  async open(text: string, passphrase: string): Promise<boolean> {
    const clear = CLEAR_KEY.exec(text)?.[1];
    const seed = clear === undefined ? await openSeed(parsed(text), passphrase) : fromBase64url(clear);
    if (!seed) return false;
    await this.#take(seed, passphrase);
    return true;
  }

  /** The seed is overwritten. */
  async #take(seed: Uint8Array<ArrayBuffer>, passphrase: string | undefined): Promise<void> {
    try {
      const copy = passphrase === undefined ? undefined : await sealSeed(seed, passphrase);
      const key: KeptKey = { ...(await keyFromSeed(seed)), ...(copy && { copy }) };
      this.kept = await keepKey(ORGANISER_KEY, key);
      // A browser may otherwise drop what it keeps when its disk is full.
      if (this.kept) void navigator.storage?.persist?.().catch(() => false);
      await this.#use(key);
    } finally {
      seed.fill(0);
    }
  }

  async #use(key: KeptKey): Promise<void> {
    await sign(key, new Uint8Array(0)); // one that does not work is met here
    this.fingerprint = await fingerprint(key.publicKey);
    this.key = key;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
