// What the pages ask the server of passkeys: signing in by one, adding one by a session or by a link to
// enrol, seeing and removing them.
import { askServer } from "./admin";
import { type Asked, makePasskey, type Passkey, usePasskey } from "./passkey";

async function post<T>(token: string, url: string, body?: unknown): Promise<T> {
  return JSON.parse(await askServer(token, "POST", url, body)) as T;
}

/** A session's token. Throws a PasskeyError, an AdminError; so do the others. */
export async function signInByPasskey(): Promise<string> {
  const asked = await post<Asked>("", "/api/login/passkey");
  return (await post<{ token: string }>("", "/api/login/passkey/answer", await usePasskey(asked))).token;
}

/** `by`: of a session, or of a link. */
const question = (by: string) => post<Asked>(by, "/api/passkeys/add");

/** Whose a link is. */
export async function enrolledBy(link: string): Promise<string> {
  return ((await question(link)).publicKey.user as { displayName: string }).displayName;
}

/** By a link it begins a session, whose token this is. */
export async function addPasskey(by: string, name: string): Promise<string | undefined> {
  const answer = await makePasskey(await question(by));
  return (await post<{ token?: string }>(by, "/api/passkeys/add/answer", { ...answer, name })).token;
}

export async function passkeysOf(token: string, account: string): Promise<Passkey[]> {
  const listed = await askServer(token, "GET", `/api/accounts/${account}/passkeys`);
  return (JSON.parse(listed) as { passkeys: Passkey[] }).passkeys;
}

export async function removePasskey(token: string, account: string, passkey: string): Promise<void> {
  await askServer(token, "DELETE", `/api/accounts/${account}/passkeys/${passkey}`);
}

/** Of an administrator, for anybody. */
export function enrolmentLink(token: string, account: string): Promise<{ url: string; expires: number }> {
  return post(token, `/api/accounts/${account}/enrolment`);
}
