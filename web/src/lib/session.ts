// Who uses the pages of preparation and accounts: signing in and out. The session's token is kept as the
// administrator's is (admin.ts): in this tab alone, in no cookie.
import { askServer, keepToken } from "./admin";

export interface BodyRole {
  id: string;
  name: string;
  role: "reader" | "secretary";
}

export interface Account {
  id: string;
  name: string;
  email?: string;
  issuer?: string;
  subject?: string;
  administrator: boolean;
  created: number;
  /** When they signed in last; absent: they never did. */
  seen?: number;
  roles: BodyRole[];
}

/** Whose token it is; without an account it is the administrator's. */
export interface Who {
  administrator: boolean;
  account?: Account;
  /** How they signed in. */
  way?: string;
  ends?: number;
}

/** The ways to sign in, beside the administrator's token. */
export interface Ways {
  oidc?: { name: string };
  passkeys?: true;
}

const KEY = "parley:login";

/** A login that is under way, while the browser is at the identity provider. */
interface UnderWay {
  secret: string;
  /** The page to go back to. */
  to: string;
}

export async function ways(): Promise<Ways> {
  return JSON.parse(await askServer("", "GET", "/api/login")) as Ways;
}

export async function whoIs(token: string): Promise<Who> {
  return JSON.parse(await askServer(token, "GET", "/api/session")) as Who;
}

/** Whether they prepare the meetings of any body. */
export function prepares(who: Who): boolean {
  return who.administrator || who.account?.roles.some((r) => r.role === "secretary") === true;
}

/** Leaves the page for the identity provider's, which sends the browser back to /login. */
export async function leaveToSignIn(): Promise<void> {
  const { url, secret } = JSON.parse(await askServer("", "POST", "/api/login/oidc")) as { url: string; secret: string };
  const login: UnderWay = { secret, to: location.pathname };
  sessionStorage.setItem(KEY, JSON.stringify(login));
  location.assign(url);
}

function takeUnderWay(): UnderWay | undefined {
  const text = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  try {
    const { secret, to } = JSON.parse(text ?? "") as Partial<UnderWay>;
    return typeof secret === "string" && typeof to === "string" ? { secret, to } : undefined;
  } catch {
    return undefined;
  }
}

/** What the browser came back with; code and state are out of the address, and of the history, at once. */
export function takeAnswer(): URLSearchParams {
  const query = new URLSearchParams(location.search);
  history.replaceState(null, "", location.pathname);
  return query;
}

/** Where to go now that they are signed in; undefined: no login was begun in this tab. Throws an AdminError. */
export async function comeBack(query: URLSearchParams): Promise<string | undefined> {
  const login = takeUnderWay();
  const state = query.get("state");
  if (!login || state === null) return undefined;
  const given = (name: string, key: string) => (query.get(key) === null ? {} : { [name]: query.get(key) });
  const answer = await askServer("", "POST", "/api/login/oidc/code", {
    state,
    secret: login.secret,
    ...given("code", "code"),
    ...given("error", "error"),
    ...given("issuer", "iss"),
  });
  keepToken((JSON.parse(answer) as { token: string }).token);
  return ["/prepare", "/accounts"].includes(login.to) ? login.to : "/prepare";
}

/** The session ends, at the server too; the administrator's token is only forgotten. */
export async function signOut(token: string, who: Who | undefined): Promise<void> {
  keepToken("");
  if (who?.account) await askServer(token, "DELETE", "/api/session");
}
