// The signed list of who may be in a meeting, as it stands while one is in it: the server hands over later
// versions, and what does not hold leaves the one before. Meetings that are not encrypted may have one too,
// for the keys by which acts are signed.
import { type Admission, verified } from "./admission";
import { IdentityError, type Manifest, type SignedManifest } from "./identity";

const OTHER_ENCRYPTION = {
  required: "The server gave a list of participants for a meeting without encryption.",
  none: "The server gave a list of participants for a meeting with encryption.",
};

export class Listed {
  #list = $state.raw<Manifest>();
  #taking: Promise<unknown> = Promise.resolve();

  constructor(readonly admission: Admission) {}

  /** As it was signed last. */
  get list(): Manifest {
    return this.#list ?? this.admission.manifest;
  }

  /** One may sign who comes late, and who may no longer be here. */
  get signs(): boolean {
    return this.list.late === this.admission.person;
  }

  /** The sentence that says why it does not hold; undefined: it is the list from here on. One after the other. */
  take(signed: SignedManifest): Promise<string | undefined> {
    const taken = this.#taking.then(() => this.#take(signed));
    this.#taking = taken.catch(() => undefined);
    return taken;
  }

  /** All that were handed over until now are looked at. */
  async settled(): Promise<void> {
    await this.#taking;
  }

  async #take(signed: SignedManifest): Promise<string | undefined> {
    const { meeting, organiser } = this.admission;
    const { encryption } = this.list;
    try {
      const manifest = await verified(signed, meeting, organiser);
      if (manifest.encryption !== encryption) return OTHER_ENCRYPTION[encryption];
      this.admission.manifest = this.#list = manifest;
      return undefined;
    } catch (error) {
      if (error instanceof IdentityError) return error.message;
      throw error;
    }
  }
}
