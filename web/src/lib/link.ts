// The invitation link, /m/MEETING#1.TOKEN; to a meeting that its organiser signed
// #1.TOKEN.SECRET.ORGANISER. What stands behind the # is taken out of the address bar at once, so that it
// does not end in a screenshot, a bookmark or a shared screen. The token and the organiser are kept for
// this tab, for a reload; the secret is kept nowhere: of it a key is made (e2ee/person.ts), and the tab
// remembers which.

export interface Invitation {
  meeting: string;
  /** Without the version in front. Absent: the link came without one. */
  token?: string;
  keys?: LinkKeys;
  /** Number of an event of the record that is to be shown. */
  event?: number;
}

/** The event that a link within a meeting names: #event-41. */
export function readEvent(hash: string): number | undefined {
  const digits = /^#event-([1-9][0-9]{0,14})$/.exec(hash)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** To be opened by somebody who is in the meeting: it lets nobody in. */
export function eventLink(meeting: string, event: number): string {
  return `${location.origin}/m/${encodeURIComponent(meeting)}#event-${event}`;
}

/** What makes a person one of a signed meeting. */
export interface LinkKeys {
  /** The fingerprint of the organiser's key, base64url. */
  organiser: string;
  /** The person's, 32 bytes, base64url, as it stands in the link. */
  secret?: string;
  /** The public half of the key that was made of it, base64url. */
  key?: string;
}

/** The meeting and token of an address; undefined: it is no invitation's address. */
export function parseLink(pathname: string, hash: string): Invitation | undefined {
  const meeting = /^\/m\/([A-Za-z0-9_-]{1,32})\/?$/.exec(pathname)?.[1];
  if (!meeting) return undefined;
  const [, token, secret, organiser] =
    /^#1\.([A-Za-z0-9_-]{1,64})(?:\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43}))?$/.exec(hash) ?? [];
  if (!token) return { meeting };
  return secret && organiser ? { meeting, token, keys: { secret, organiser } } : { meeting, token };
}

/** Where a pasted link leads, if it is an invitation to this server; else undefined. */
export function pastedLink(text: string, origin: string): string | undefined {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    return undefined;
  }
  const invites = url.origin === origin && parseLink(url.pathname, url.hash)?.token !== undefined;
  return invites ? url.pathname + url.search + url.hash : undefined;
}

function place(meeting: string): string {
  return `parley:token:${meeting}`;
}

/** For a reload: who one is here, without a secret. */
interface Kept {
  token?: string;
  organiser?: string;
  key?: string;
}

function keep({ meeting, token, keys }: Invitation): void {
  const kept: Kept = { ...(token && { token }), ...(keys && { organiser: keys.organiser }), ...(keys?.key && { key: keys.key }) };
  try {
    sessionStorage.setItem(place(meeting), JSON.stringify(kept));
  } catch {
    // Storage is switched off: it lives as long as the page.
  }
}

/** What this tab kept of a meeting. */
export function readKept(meeting: string, text: string | null): Invitation {
  let kept: Kept;
  try {
    kept = (JSON.parse(text ?? "{}") ?? {}) as Kept;
  } catch {
    return { meeting }; // none of ours
  }
  const { token, organiser, key } = kept;
  if (typeof token !== "string") return { meeting };
  if (typeof organiser !== "string") return { meeting, token };
  return { meeting, token, keys: { organiser, ...(typeof key === "string" && { key }) } };
}

/** Reads the address, wipes the fragment, and falls back on what this tab kept (a reload). */
export function takeInvitation(): Invitation | undefined {
  const link = parseLink(location.pathname, location.hash);
  if (!link) return undefined;
  const event = readEvent(location.hash);
  if (location.hash) history.replaceState(history.state, "", location.pathname + location.search);
  if (link.token) {
    keep(link);
    return link;
  }
  try {
    return { ...readKept(link.meeting, sessionStorage.getItem(place(link.meeting))), ...(event !== undefined && { event }) };
  } catch {
    return link;
  }
}

/** The key of the link is in this browser from now on; after a reload the tab says by this name which. */
export function rememberKey(link: Invitation, key: string): void {
  if (!link.keys) return;
  link.keys.key = key;
  keep(link);
}
