// One meeting on the preparation page: its draft, what is wrong with it, and the links that were made.
import type { Attachment } from "../gen/protocol";
import { t } from "../texts";
import { type Admin, AdminError, type Invitation } from "./admin";
import { type Draft, fromDefinition, newDraft, placeOf, toDefinition } from "./draft";
import { checkDraft, stillWrong, type Fault, tidy } from "./draftCheck";

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

  constructor(readonly admin: Admin) {
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
    this.id = id;
    this.invitations = json.invitations;
    this.documents = json.documents ?? [];
    this.participants = Number(json["participants"]) || 0;
    this.#saved = this.#text();
  }

  /** True: the server has it as it is here. */
  async save(): Promise<boolean> {
    const definition = this.definition();
    const { places } = toDefinition(this.draft);
    this.trouble = undefined;
    this.#found = checkDraft(this.draft);
    if (this.faults.size > 0) return false;
    this.saving = true;
    try {
      const made = this.id
        ? await this.admin.change(this.id, definition)
        : await this.admin.create(definition);
      this.id ??= made.id;
      this.#saved = JSON.stringify(definition);
      this.savedAt = Date.now();
      this.#takeLinks(made.invitations ?? []);
      await this.refresh();
      return true;
    } catch (error) {
      if (!(error instanceof AdminError)) throw error;
      const place = error.field === undefined ? "" : placeOf(error.field, places);
      this.trouble = { place, sentence: error.sentence || t.prepare.error(error.kind) };
      return false;
    } finally {
      this.saving = false;
    }
  }

  /** A new link for a person. Throws an AdminError. */
  async invite(person: string): Promise<void> {
    if (this.id === undefined) return;
    this.#takeLinks([await this.admin.invite(this.id, person)]);
    await this.refresh();
  }

  /** Takes back all links of a person but makes a new one. Throws an AdminError. */
  async replace(person: string): Promise<void> {
    if (this.id === undefined) return;
    const old = this.invitations.filter((i) => i.person === person && !i.revoked);
    for (const i of old) await this.admin.revoke(this.id, i.id);
    await this.invite(person);
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
