// A delivery service for tests, with a clock of its own: devices with a Group each, and a server that
// only carries, as ARCHITECTURE.md has it. `tap` makes it a malicious one.
import { type Bytes, fromBase64url, toBase64url } from "../src/e2ee/bytes";
import { Group } from "../src/e2ee/group";
import type { Effect, FromServer, ToServer } from "../src/e2ee/effects";
import type { EpochKeys } from "../src/e2ee/keyring";
import {
  type Expected,
  type Manifest,
  type ManifestDraft,
  signManifest,
  verifyManifest,
} from "../src/e2ee/identity";
import type { Placed } from "../src/lib/circles";
import type { State } from "../src/e2ee/mls";
import { fingerprint, keyFromSeed, personKey, type SigningKey } from "../src/e2ee/keys";

export const START = 1_800_000_000_000;
const ONE_WAY_MS = 20;
const HAND_OVER_MS = 1000;

type EffectOf<T extends Effect["type"]> = Extract<Effect, { type: T }>;

export class Device {
  readonly keys = new Map<bigint, EpochKeys>();
  readonly effects: Effect[] = [];
  online = true;

  constructor(
    readonly id: string,
    readonly person: string,
    readonly group: Group,
  ) {}

  all<T extends Effect["type"]>(type: T): EffectOf<T>[] {
    return this.effects.filter((e): e is EffectOf<T> => e.type === type);
  }

  /** The last one. */
  get view(): EffectOf<"members"> {
    return this.all("members").at(-1)!;
  }

  get problems(): string[] {
    return this.all("problem").map(({ problem }) => problem);
  }

  get texts(): string[] {
    return this.all("opened").map(({ member, data }) => `${member.person}: ${new TextDecoder().decode(data)}`);
  }
}

interface Waiting {
  from: string;
  package: string;
}

interface Event {
  at: number;
  order: number;
  run: () => Promise<void>;
}

/** What goes out to a device, changed: several, or none. */
export type Tap = (to: string, message: FromServer) => FromServer[];

export class World {
  now = START;
  readonly devices = new Map<string, Device>();
  readonly persons = new Map<string, SigningKey>();
  organiser!: SigningKey;
  draft!: ManifestDraft;
  manifest!: Manifest;
  expected!: Expected;

  // The server.
  id: string | undefined;
  epoch = 0;
  sequence = 0;
  groupInfo = "";
  members: string[] = [];
  waiting: Waiting[] = [];
  leaving: string[] = [];
  asked: string | undefined;
  passedOver = new Set<string>();
  acked = new Set<string>();
  commits = 0;
  /** Commits that name whom the server did not. */
  errors = 0;
  log: FromServer[] = [];
  infos: string[] = [];
  tap: Tap = (_to, message) => [message];

  private queue: Event[] = [];
  private order = 0;

  /** `name`: of the group; `places`: of the people, in their order. */
  constructor(readonly name = "meeting") {}

  static async make(
    people: number, change: Partial<ManifestDraft> = {}, name?: string, places: Placed[] = [],
  ): Promise<World> {
    const w = new World(name);
    w.organiser = await keyFromSeed(new Uint8Array(32).fill(1));
    for (let i = 1; i <= people; i++)
      w.persons.set(`p${i}`, await personKey(new Uint8Array(32).fill(i), "council"));
    w.draft = {
      meeting: "council",
      version: 1,
      encryption: "required",
      seats: [
        { id: "NOR", name: "Norway" },
        { id: "SWE", name: "Sweden" },
      ],
      people: [...w.persons].map(([person, key], i) => ({
        person,
        name: `Person ${i + 1}`,
        role: i === 0 ? "chair" : "delegate",
        key: key.publicKey,
        ...(places[i] as { role: string; seat?: string } | undefined),
      })),
      revoked: [],
      late: "p1",
      notAfter: START + 86_400_000,
      ...change,
    };
    w.expected = { meeting: "council", organiser: await fingerprint(w.organiser.publicKey) };
    w.manifest = await verifyManifest(await signManifest(w.draft, w.organiser), w.expected, w.now);
    return w;
  }

  /** A new version, to all devices. */
  async revise(change: Partial<ManifestDraft>): Promise<void> {
    this.draft = { ...this.draft, version: this.draft.version + 1, ...change };
    this.manifest = await verifyManifest(await signManifest(this.draft, this.organiser), this.expected, this.now);
    for (const d of this.devices.values())
      this.later(ONE_WAY_MS, () => this.did(d, d.group.setManifest(this.now, this.manifest)));
  }

  device(person: string, id = `c-${person}`, key = this.persons.get(person)!): Device {
    const { manifest } = this;
    const group = new Group({ meeting: "council", name: this.name, person, key, device: id, manifest });
    const device = new Device(id, person, group);
    this.devices.set(id, device);
    return device;
  }

  /** Connects one after `ms`. */
  enter(person: string, ms = 0, id?: string): Device {
    const device = this.device(person, id);
    this.later(ms, async () => this.greet(device.id));
    return device;
  }

  later(ms: number, run: () => Promise<void>): void {
    this.queue.push({ at: this.now + ms, order: this.order++, run });
  }

  /** So much time goes by, in which everything happens that is due. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      const next = this.queue.sort((a, b) => a.at - b.at || a.order - b.order)[0];
      const timed = [...this.devices.values()]
        .filter((d) => d.online && d.group.deadline !== undefined)
        .sort((a, b) => a.group.deadline! - b.group.deadline!)[0];
      const at = Math.min(next?.at ?? Infinity, timed?.group.deadline ?? Infinity);
      if (at > end) break;
      this.now = Math.max(this.now, at);
      if (next && next.at <= at) {
        this.queue.shift();
        await next.run();
      } else await this.did(timed!, timed!.group.expire(this.now));
    }
    this.now = end;
  }

  async did(device: Device, work: Promise<Effect[]>): Promise<void> {
    for (const effect of await work) {
      device.effects.push(effect);
      if (effect.type === "epoch") device.keys.set(effect.keys.epoch, effect.keys);
      if (effect.type === "send" && device.online)
        this.later(ONE_WAY_MS, async () => this.serve(device.id, effect.message));
    }
  }

  async say(device: Device, text: string): Promise<void> {
    await this.did(device, device.group.seal(this.now, new TextEncoder().encode(text)));
  }

  /** To a device, through the tap. */
  tell(to: string, message: FromServer): void {
    for (const told of this.tap(to, message)) this.deliver(to, told);
  }

  deliver(to: string, message: FromServer, ms = ONE_WAY_MS): void {
    const device = this.devices.get(to)!;
    this.later(ms, async () => {
      if (device.online) await this.did(device, device.group.receive(this.now, message));
    });
  }

  toMembers(message: FromServer): void {
    for (const to of this.members) this.tell(to, message);
  }

  greet(id: string): void {
    this.tell(id, {
      type: "group",
      group: this.name,
      ...(this.id === undefined ? {} : { id: this.id }),
      epoch: this.epoch,
      member: this.members.includes(id),
      committer: this.committer() === id,
    });
  }

  /** The connection ends; the media stops at once, the Remove is asked for. */
  leave(device: Device): void {
    device.online = false;
    this.waiting = this.waiting.filter(({ from }) => from !== device.id);
    if (this.members.includes(device.id)) this.leaving.push(device.id);
    if (this.asked === device.id) this.asked = undefined;
    this.ask();
  }

  /** The server has not heard of it for too long; it is told once it is back. */
  drop(device: Device): void {
    this.members = this.members.filter((id) => id !== device.id);
    this.leaving.push(device.id);
    this.ask();
  }

  private committer(): string | undefined {
    const able = this.members.filter((id) => this.devices.get(id)!.online && !this.leaving.includes(id));
    return able.find((id) => !this.passedOver.has(id)) ?? able[0];
  }

  ask(): void {
    if (this.waiting.length === 0 && this.leaving.length === 0) return;
    const to = this.committer();
    if (to === undefined) return;
    this.tell(to, {
      type: "group_work",
      group: this.name,
      epoch: this.epoch,
      add: this.waiting.map((w) => ({ participant: w.from, package: w.package })),
      remove: this.leaving.map((id) => ({ id })),
    });
    if (this.asked === to) return;
    this.asked = to;
    const { epoch } = this;
    this.later(HAND_OVER_MS, async () => {
      if (this.epoch !== epoch || this.asked !== to) return;
      this.passedOver.add(to);
      this.asked = undefined;
      this.ask();
    });
  }

  private serve(from: string, m: ToServer): void {
    switch (m.type) {
      case "key_package":
        if (this.members.includes(from)) {
          this.members = this.members.filter((id) => id !== from);
          if (!this.leaving.includes(from)) this.leaving.push(from);
        }
        this.waiting = this.waiting.filter((w) => w.from !== from).concat({ from, package: m.package });
        return this.ask();
      case "group_create":
        if (this.id === undefined) {
          this.id = m.id;
          this.groupInfo = m.group_info;
          this.members = [from];
        }
        for (const d of this.devices.values()) if (d.online) this.greet(d.id);
        return;
      case "commit":
        return this.commit(from, m);
      case "group_ack":
        this.acked.add(`${m.epoch} ${from}`);
        return this.toMembers({
          type: "group_state",
          group: this.name,
          epoch: this.epoch,
          acked: this.members.filter((id) => this.acked.has(`${this.epoch} ${id}`)).length,
          of: this.members.length,
        });
      case "group_resync":
        if (!this.members.includes(from)) return;
        return this.tell(from, {
          type: "group_info",
          group: this.name,
          epoch: this.epoch,
          group_info: this.groupInfo,
        });
      case "sealed":
        return this.toMembers({
          type: "sealed",
          group: this.name,
          by: from,
          epoch: m.epoch,
          message: m.message,
          at: this.now,
        });
    }
  }

  private commit(from: string, m: Extract<ToServer, { type: "commit" }>): void {
    if (m.epoch !== this.epoch)
      return this.tell(from, { type: "commit_refused", group: this.name, epoch: this.epoch });
    const refused =
      m.removed.some(({ id }) => !this.leaving.includes(id)) ||
      m.added.some(({ id }) => !this.waiting.some((x) => x.from === id));
    if (refused) {
      this.errors++;
      return;
    }
    this.epoch++;
    this.commits++;
    this.groupInfo = m.group_info;
    this.infos.push(m.group_info);
    const handshake: FromServer = {
      type: "handshake",
      group: this.name,
      sequence: ++this.sequence,
      epoch: m.epoch,
      by: from,
      commit: m.commit,
      removed: m.removed,
    };
    this.log.push(handshake);
    const added = m.added.map(({ id }) => id);
    const removed = m.removed.map(({ id }) => id);
    this.toMembers(handshake);
    this.members = this.members.filter((id) => !removed.includes(id) || added.includes(id));
    for (const id of added) {
      this.tell(id, { type: "group_welcome", group: this.name, epoch: this.epoch, welcome: m.welcome!, by: from });
      if (!this.members.includes(id)) this.members.push(id);
    }
    this.waiting = this.waiting.filter((w) => !added.includes(w.from));
    this.leaving = this.leaving.filter((id) => !removed.includes(id));
    this.asked = undefined;
    this.passedOver.clear();
    this.ask();
  }

  /** So many, all inside. The first is the chair. */
  async gathered(people: number): Promise<Device[]> {
    const devices: Device[] = [this.enter("p1")];
    await this.pass(100);
    for (let i = 2; i <= people; i++) devices.push(this.enter(`p${i}`));
    await this.pass(2000);
    return devices;
  }
}

/** The secrets of a device, for those who cheat. */
export const stateOf = (d: Device) => (d.group as unknown as { core: { state: State } }).core.state;

/** One bit of it changed. */
export function broken(text: string, at = -20): string {
  const bytes: Bytes = fromBase64url(text)!;
  const i = at < 0 ? bytes.length + at : at;
  bytes[i]! ^= 1;
  return toBase64url(bytes);
}
