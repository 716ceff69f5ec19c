// When the server was updated while a page was open: the page is loaded anew, but only where nothing is lost
// by it. What it was doing goes on behind the reload, by a note in this tab's storage.

/** What a page does when it hears of another build than its own. */
export type Step = "nothing" | "say" | "renew";

/** What goes on after the reload. */
export type Going = { on: "left" } | { on: "waiting"; name?: string };

/** This page's build; empty: it does not know (in development). */
export function ownBuild(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="parley-build"]')?.content ?? "";
}

export interface Standing {
  own: string;
  told: string | undefined;
  inRoom: boolean;
  /** Microphone or camera is open: some browsers would ask for them again, and maybe nobody is there to answer. */
  live: boolean;
  /** This page is itself the fresh one. */
  renewed: boolean;
}

export function stepOf({ own, told, inRoom, live, renewed }: Standing): Step {
  if (!own || !told || own === told) return "nothing";
  return inRoom || live || renewed ? "say" : "renew";
}

const place = (meeting: string) => `parley:going:${meeting}`;

/** Loads the page anew. False: this browser keeps nothing, and it would not know the way back. */
export function renew(meeting: string, going: Going): boolean {
  try {
    sessionStorage.setItem(place(meeting), JSON.stringify(going));
  } catch {
    return false;
  }
  location.reload();
  return true;
}

export function readGoing(text: string | null): Going | undefined {
  try {
    const going = JSON.parse(text ?? "null") as Going | null;
    if (going?.on === "left") return { on: "left" };
    if (going?.on === "waiting") return { on: "waiting", ...(typeof going.name === "string" && { name: going.name }) };
  } catch {
    // none of ours
  }
  return undefined;
}

/** What this page is to go on with; once. */
export function takeGoing(meeting: string): Going | undefined {
  try {
    const text = sessionStorage.getItem(place(meeting));
    sessionStorage.removeItem(place(meeting));
    return readGoing(text);
  } catch {
    return undefined;
  }
}
