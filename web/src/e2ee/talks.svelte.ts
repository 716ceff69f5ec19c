// The groups of an encrypted meeting beside that of the whole: a delegation's own, and those of notes
// between a delegation and who presides. Each begins when somebody begins to write in it, and is joined
// as soon as the server tells of it.
import { SvelteMap } from "svelte/reactivity";

import type { ToServer } from "../gen/protocol";
import { inCircle, WHOLE } from "../lib/circles";
import type { Admission } from "./admission";
import { Driver } from "./driver";
import type { Effect, FromServer, Problem } from "./effects";
import { Group } from "./group";
import type { Member } from "./members";
import { readText, writeText } from "./text";

/** What was written waits so long for those of its circle who are here and have no keys yet. */
const GATHER_MS = 4_000;

export interface TalksHost {
  send(message: ToServer): boolean;
  said(circle: string, by: Member, text: string, at: number): void;
  /** The participants of a circle who are in the room, as far as the server says. */
  here(circle: string): string[];
  trouble(text: string, problem?: Problem): void;
}

class Talk {
  inside = $state(false);
  members = $state.raw<Member[]>([]);
  /** Texts that wait to be sealed. */
  queue = $state.raw<string[]>([]);
  /** The server told of it since the connection stands. */
  told = false;
  readonly driver: Driver;
  #gathered: ReturnType<typeof setTimeout> | undefined;
  #late = false;

  constructor(
    readonly name: string,
    private readonly make: () => Group,
    private readonly host: TalksHost,
  ) {
    this.driver = new Driver({ effect: (e) => this.#do(e), failed: (text) => host.trouble(text) });
  }

  /** Makes the group, should there be none. */
  begin(): void {
    this.driver.then(async () => {
      if (this.driver.group) return;
      this.driver.group = this.make();
      await this.driver.receive({ type: "group", group: this.name, epoch: 0, committer: false, member: false });
    });
  }

  receive(message: FromServer): void {
    this.driver.then(async () => {
      const over = message.type === "group" && message.id === undefined;
      if (over && !this.driver.group?.creating) return this.#over();
      this.driver.group ??= this.make();
      await this.driver.receive(message);
    });
  }

  say(text: string): void {
    this.queue = [...this.queue, text];
    this.begin();
    this.#gather();
  }

  /** The connection, or the room, was left: what was written and not sent is lost with it. */
  reset(): void {
    this.driver.then(async () => {
      await this.driver.reset();
      this.#out();
    });
  }

  end(): void {
    this.driver.end();
    clearTimeout(this.#gathered);
  }

  /** Nobody is in the group any more: another one begins, should something wait. */
  async #over(): Promise<void> {
    await this.driver.reset();
    this.#out();
    if (this.queue.length > 0) this.begin();
  }

  #out(): void {
    this.inside = false;
    this.members = [];
  }

  #gather(): void {
    this.#flush();
    this.#gathered ??= setTimeout(() => {
      this.#gathered = undefined;
      this.#late = true;
      this.#flush();
    }, GATHER_MS);
  }

  /** Seals what waits, once all who are here can open it, or have had their time. */
  #flush(): void {
    this.driver.then(async () => {
      const all = this.host.here(this.name).every((id) => this.members.some((m) => m.device === id));
      if (!this.inside || this.queue.length === 0 || !(all || this.#late)) return;
      const texts = this.queue;
      this.queue = [];
      this.#late = false;
      clearTimeout(this.#gathered);
      this.#gathered = undefined;
      for (const text of texts) await this.driver.run((group, now) => group.seal(now, writeText(text)));
    });
  }

  #do(effect: Effect): void {
    switch (effect.type) {
      case "send":
        this.host.send(effect.message);
        return;
      case "members":
        this.inside = true;
        this.members = effect.members;
        return this.#flush();
      case "opened": {
        const text = readText(effect.data);
        if (text === undefined) this.host.trouble(`A message of ${effect.member.name} cannot be read.`);
        else this.host.said(this.name, effect.member, text, effect.at);
        return;
      }
      case "out":
        return this.#out();
      case "problem":
        return this.host.trouble(effect.text, effect.problem);
      case "epoch":
      case "all_have":
        return; // no picture or sound is sealed by these keys
    }
  }
}

export class Talks {
  readonly #talks = new SvelteMap<string, Talk>();
  #device = "";
  #host!: TalksHost;

  constructor(private readonly admission: Admission) {}

  start(host: TalksHost): void {
    this.#host = host;
  }

  /** Texts of the circle that wait until those who are here have the keys. */
  waiting(circle: string): string[] {
    return this.#talks.get(circle)?.queue ?? [];
  }

  /** Who holds the keys of the circle's group, oneself among them; nobody before one is in it. */
  members(circle: string): Member[] {
    return this.#talks.get(circle)?.members ?? [];
  }

  /** The connection stands; the same participant goes on where it was, where the group is still there. */
  welcome(participant: string): void {
    if (participant !== this.#device) this.outside();
    this.#device = participant;
    for (const talk of this.#talks.values()) talk.told = false;
  }

  /** The server has told of all the groups there are: those that it did not tell of are no more. */
  settle(): void {
    for (const talk of this.#talks.values()) if (!talk.told) talk.receive(noneOf(talk.name));
  }

  outside(): void {
    for (const talk of this.#talks.values()) {
      talk.queue = [];
      talk.reset();
    }
  }

  manifest(): void {
    const { manifest } = this.admission;
    for (const { driver } of this.#talks.values())
      driver.then(() => driver.run((group, now) => group.setManifest(now, manifest)));
  }

  receive(message: FromServer): void {
    if (!this.#mine(message.group)) {
      this.#host.trouble("The server told of a group that is not yours.", "bad_group");
      return;
    }
    const talk = this.#talk(message.group);
    if (message.type === "group") talk.told = true;
    talk.receive(message);
  }

  /** Somebody begins to write: the keys will be there when it is sent. */
  prepare(circle: string): void {
    if (this.#mine(circle)) this.#talk(circle).begin();
  }

  say(circle: string, text: string): boolean {
    if (!this.#mine(circle)) return false;
    this.#talk(circle).say(text);
    return true;
  }

  end(): void {
    for (const talk of this.#talks.values()) talk.end();
  }

  #mine(circle: string): boolean {
    const own = this.admission.manifest.people.get(this.admission.person);
    return own !== undefined && circle !== WHOLE && inCircle(circle, own);
  }

  #talk(name: string): Talk {
    const known = this.#talks.get(name);
    if (known) return known;
    const make = () => {
      const { meeting, person, key, manifest } = this.admission;
      return new Group({ meeting, name, person, key, device: this.#device, manifest });
    };
    const talk = new Talk(name, make, this.#host);
    talk.told = true;
    this.#talks.set(name, talk);
    return talk;
  }
}

function noneOf(group: string): FromServer {
  return { type: "group", group, epoch: 0, committer: false, member: false };
}
