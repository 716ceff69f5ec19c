// The invitation link, /m/MEETING#1.TOKEN; to an encrypted meeting #1.TOKEN.SECRET.ORGANISER. What stands
// behind the # is taken out of the address bar at once, so that it does not end in a screenshot, a
// bookmark or a shared screen, and kept for this tab only. The secret goes nowhere else.

export interface Invitation {
  meeting: string;
  /** Without the version in front. Absent: the link came without one. */
  token?: string;
  keys?: LinkKeys;
}

/** What makes a person one of an encrypted meeting, as it stands in the link. */
export interface LinkKeys {
  /** The person's, 32 bytes, base64url. */
  secret: string;
  /** The fingerprint of the organiser's key, base64url. */
  organiser: string;
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

function key(meeting: string): string {
  return `parley:token:${meeting}`;
}

/** As it stood in the address. */
function written({ token, keys }: Invitation): string {
  return `#1.${token}${keys ? `.${keys.secret}.${keys.organiser}` : ""}`;
}

/** Reads the address, wipes the fragment, and falls back on what this tab kept (a reload). */
export function takeInvitation(): Invitation | undefined {
  const link = parseLink(location.pathname, location.hash);
  if (!link) return undefined;
  if (location.hash) history.replaceState(history.state, "", location.pathname + location.search);
  try {
    if (link.token) sessionStorage.setItem(key(link.meeting), written(link));
    else return parseLink(location.pathname, sessionStorage.getItem(key(link.meeting)) ?? "");
  } catch {
    // Storage is switched off: the token lives as long as the page.
  }
  return link;
}
