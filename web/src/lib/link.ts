// The invitation link, /m/MEETING#1.TOKEN. The token is taken out of the address bar at once, so
// that it does not end in a screenshot, a bookmark or a shared screen, and kept for this tab only.

export interface Invitation {
  meeting: string;
  /** Without the version in front. Absent: the link came without one. */
  token?: string;
}

/** The meeting and token of an address; undefined: it is no invitation's address. */
export function parseLink(pathname: string, hash: string): Invitation | undefined {
  const meeting = /^\/m\/([A-Za-z0-9_-]{1,32})\/?$/.exec(pathname)?.[1];
  if (!meeting) return undefined;
  const token = /^#1\.([A-Za-z0-9_-]{1,64})$/.exec(hash)?.[1];
  return token ? { meeting, token } : { meeting };
}

function key(meeting: string): string {
  return `parley:token:${meeting}`;
}

/** Reads the address, wipes the fragment, and falls back on what this tab kept (a reload). */
export function takeInvitation(): Invitation | undefined {
  const link = parseLink(location.pathname, location.hash);
  if (!link) return undefined;
  if (location.hash) history.replaceState(history.state, "", location.pathname + location.search);
  try {
    if (link.token) sessionStorage.setItem(key(link.meeting), link.token);
    else {
      const kept = sessionStorage.getItem(key(link.meeting));
      if (kept) return { meeting: link.meeting, token: kept };
    }
  } catch {
    // Storage is switched off: the token lives as long as the page.
  }
  return link;
}
