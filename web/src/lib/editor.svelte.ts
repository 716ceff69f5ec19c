// One meeting on the preparation page: its draft, what is wrong with it, the signed list of its people, and
// the links that were made.
import type { Attachment } from "../gen/protocol";
import { entriesOf } from "../e2ee/organiser";
import type { Manifest } from "../e2ee/identity";
import { t } from "../texts";
import { type Admin, AdminError, type Invitation } from "./admin";
import { type Draft, fromDefinition, newDraft, placeOf, type SeatDraft, seatOf, toDefinition } from "./draft";
import { checkDraft, stillWrong, type Fault, tidy } from "./draftCheck";
import type { LatePerson } from "./late";
import type { Organiser } from "./organiser.svelte";
import { Signing, type Signable, withdraw } from "./signing.svelte";

export type SectionName =
  | "meeting"
  | "seats"
  | "agenda"
  | "parties"
  | "papers"
  | "register"
  | "decisions"
  | "people"
  | "links";

/** The first part of a place says where on the page it is. */
const SECTION_OF: Record<string, SectionName> = {
  seats: "seats",
  items: "agenda",
  parties: "parties",
  papers: "papers",
  entries: "register",
  decisions: "decisions",
  people: "people",
};

export function sectionOf(place: string): SectionName {
  return SECTION_OF[place.split(".")[0] ?? ""] ?? "meeting";
}

export interface Trouble {
  place: string;
  sentence: string;
}

interface Lists extends Record<string, unknown> {
  seats?: unknown[];
  people?: unknown[];
}

/** What was made, and behind it what the server has of people and seats since. */
function withAdded(made: Lists, { seats, people }: Lists): Lists {
  const both = (own: unknown[] = [], all: unknown[] = []) => [...own, ...all.slice(own.length)];
  return { ...made, seats: both(made.seats, seats), people: both(made.people, people) };
}

export class Editor {
  draft = $state<Draft>(newDraft());
  /** Once the server has it. */
  id = $state<string>();
  #found = $state.raw<ReadonlyMap<string, Fault>>(new Map());
  readonly faults = $derived(stillWrong(this.#found, this.draft));
  /** What the server said, with its place. */
  trouble = $state.raw<Trouble>();
  saving = $state(false);
  savedAt = $state<number>();
  /** Of each person by id, the link that was made on this page. */
  links = $state.raw<Readonly<Record<string, string>>>({});
  invitations = $state.raw<Invitation[]>([]);
  documents = $state.raw<Attachment[]>([]);
  /** How many are or were in the meeting, as far as is known. */
  participants = $state(0);

  #saved = $state("");
  readonly signing: Signing;

  constructor(
    readonly admin: Admin,
    readonly organiser: Organiser,
    /** Whose meeting a new one is. */
    body = "",
  ) {
    this.draft.body = body;
    this.signing = new Signing(admin, organiser);
    this.#saved = this.#text();
  }

  get dirty(): boolean {
    return this.#text() !== this.#saved;
  }

  /** The server knows this item, so that documents may be put on it. */
  onServer(item: string): boolean {
    return this.id !== undefined && this.#saved.includes(`"item":${JSON.stringify(item)}`);
  }

  #text(): string {
    return JSON.stringify(toDefinition(this.draft).definition);
  }

  /** What is wrong at a place, as a sentence. */
  problem(place: string): string | undefined {
    const fault = this.faults.get(place);
    if (fault) return t.prepare.fault(fault);
    return this.trouble?.place === place ? this.trouble.sentence : undefined;
  }

  /** How many gaps a section has. */
  gaps(section: SectionName): number {
    const places = [...this.faults.keys(), this.trouble?.place ?? ""];
    return places.filter((place) => place !== "" && sectionOf(place) === section).length;
  }

  /** Where to look first. */
  get firstPlace(): string | undefined {
    return this.faults.keys().next().value ?? this.trouble?.place;
  }

  definition(): Record<string, unknown> {
    tidy(this.draft);
    return toDefinition(this.draft).definition;
  }

  /** False: this is no definition. */
  import(json: unknown): boolean {
    const draft = fromDefinition(json);
    if (draft) this.draft = draft;
    return draft !== undefined;
  }

  /** Throws an AdminError. */
  async open(id: string): Promise<void> {
    const json = await this.admin.get(id);
    if (!this.import(json)) throw new AdminError("refused", t.prepare.notReadable);
    await this.signing.load(id);
    this.id = id;
    this.invitations = json.invitations;
    this.documents = json.documents ?? [];
    this.participants = Number(json["participants"]) || 0;
    this.#saved = this.#text();
  }

  /** False: something is missing, as `problem` says. */
  check(): boolean {
    tidy(this.draft);
    this.trouble = undefined;
    this.#found = checkDraft(this.draft);
    return this.faults.size === 0;
  }

  /** True: the server has it as it is here, and the list of its people is signed, where this browser can. */
  async save(): Promise<boolean> {
    const definition = this.definition();
    if (!this.check()) return false;
    this.saving = true;
    try {
      if (this.id) await this.signing.load(this.id); // it goes with the meeting as it was
      const { standing, manifest: before } = this.signing;
      if (standing.kind === "wrong") throw new AdminError("refused", t.said(standing.sentence));
      const made = this.id
        ? await this.admin.change(this.id, definition)
        : await this.admin.create(definition);
      this.id ??= made.id!;
      this.#saved = JSON.stringify(definition);
      this.savedAt = Date.now();
      await this.#sign({ text: JSON.stringify(definition), now: definition }, made.invitations ?? [], before);
      return true;
    } catch (error) {
      if (!(error instanceof AdminError)) throw error;
      const { places } = toDefinition(this.draft);
      const place = error.field === undefined ? "" : placeOf(error.field, places);
      this.trouble = { place, sentence: error.sentence || t.prepare.error(error.kind) };
      return false;
    } finally {
      this.saving = false;
    }
  }

  /** Signs who may be in a meeting that was made elsewhere, and what it is, which is shown from here on; all links
   * before are withdrawn. Throws an AdminError. */
  async sign(): Promise<void> {
    const text = await this.admin.definition(this.id!);
    const now = withAdded(JSON.parse(text) as Lists, await this.admin.get(this.id!));
    if (!this.import(now)) throw new AdminError("refused", t.prepare.notReadable);
    this.#saved = this.#text();
    await this.#sign({ text, now }, [], undefined);
  }

  async #sign(definition: Signable, made: Invitation[], before: Manifest | undefined): Promise<void> {
    await this.refresh();
    this.signing.standing = { kind: "unsigned" };
    if (this.organiser.key) {
      this.links = {
        ...(before ? this.links : {}),
        ...(await this.signing.all(this.id!, definition, made, before, this.invitations)),
      };
    } else {
      this.#takeLinks(made);
    }
    await this.refresh();
  }

  /** Another link for a person; those before are withdrawn. Throws an AdminError. */
  async renew(person: string): Promise<void> {
    const { id } = this;
    const entry = entriesOf(this.definition()).find((e) => e.person === person);
    if (id === undefined || !entry) return;
    await this.refresh();
    if (this.signing.standing.kind === "unsigned") {
      await withdraw(this.admin, id, person, this.invitations);
      this.#takeLinks([await this.admin.invite(id, person)]);
    } else {
      this.links = { ...this.links, ...(await this.signing.renew(id, entry, this.invitations)) };
    }
    await this.refresh();
  }

  /** Nobody comes as this person any more, and who did leaves. Throws an AdminError. */
  async withdraw(person: string): Promise<void> {
    if (this.id === undefined) return;
    await this.refresh();
    if (this.signing.standing.kind === "unsigned") await withdraw(this.admin, this.id, person, this.invitations);
    else await this.signing.revoke(this.id, person, this.invitations);
    const { [person]: _, ...links } = this.links;
    this.links = links;
    await this.refresh();
  }

  /** A seat more, also while the meeting runs, with its first delegate, who gets a link. Throws an AdminError. */
  async addSeat(seat: SeatDraft, delegate: string): Promise<void> {
    const { id } = this;
    if (id === undefined) return;
    await this.open(id);
    const late = seatOf(seat);
    if (!this.#waits(late)) {
      if (this.signing.standing.kind !== "unsigned") await this.signing.addSeat(id, late);
      await this.admin.addSeat(id, late);
    }
    await this.addPerson({ name: delegate, role: "delegate", seat: seat.id });
  }

  /** Was it added just so, and its delegate could not be? */
  #waits(late: ReturnType<typeof seatOf>): boolean {
    const there = this.draft.seats.find(({ id }) => id === late.id);
    const empty = this.draft.people.every(({ seat }) => seat !== late.id);
    return there !== undefined && empty && JSON.stringify(seatOf(there)) === JSON.stringify(late);
  }

  /** Somebody more, also while the meeting runs; their link. Throws an AdminError. */
  async addPerson(late: LatePerson): Promise<string> {
    const { id } = this;
    if (id === undefined) return "";
    await this.signing.load(id);
    let made: Readonly<Record<string, string>>;
    if (this.signing.standing.kind === "unsigned") {
      const { person, url } = await this.admin.addPerson(id, late);
      made = { [person]: url ?? "" };
    } else {
      made = await this.signing.addPerson(id, late);
    }
    this.links = { ...this.links, ...made };
    await this.open(id);
    return Object.values(made)[0]!;
  }

  #takeLinks(made: Invitation[]): void {
    const fresh = made.flatMap((i) => (i.url ? [[i.person, i.url] as const] : []));
    this.links = { ...this.links, ...Object.fromEntries(fresh) };
  }

  /** Invitations and documents, as the server has them. Throws an AdminError. */
  async refresh(): Promise<void> {
    if (this.id === undefined) return;
    const { invitations, documents } = await this.admin.get(this.id);
    this.invitations = invitations;
    this.documents = documents ?? [];
  }
}
