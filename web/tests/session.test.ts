// A login that begins and ends in one tab: what is kept, what is sent, and what stays in the address.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { AdminError, keptToken } from "../src/lib/admin";
import { comeBack, leaveToSignIn, prepares, signOut, takeAnswer } from "../src/lib/session";

const store = new Map<string, string>();
const asked: { url: string; method: string; body: unknown; token: string | undefined }[] = [];
let answers: [number, unknown][] = [];

beforeEach(() => {
  store.clear();
  asked.length = 0;
  vi.stubGlobal("sessionStorage", {
    getItem: (k: string) => store.get(k) ?? null,
    setItem: (k: string, v: string) => store.set(k, v),
    removeItem: (k: string) => store.delete(k),
  });
  vi.stubGlobal("location", { pathname: "/accounts", search: "?code=c&state=s&iss=https%3A%2F%2Fid", assign: vi.fn() });
  vi.stubGlobal("history", { replaceState: vi.fn() });
  vi.stubGlobal("fetch", (url: string, { method, body, headers }: { method: string; body?: string; headers: Record<string, string> }) => {
    asked.push({ url, method, body: body === undefined ? undefined : JSON.parse(body), token: headers["Authorization"] });
    const [status, answer] = answers.shift() ?? [204, undefined];
    return Promise.resolve(new Response(answer === undefined ? null : JSON.stringify(answer), { status }));
  });
});
afterEach(() => vi.unstubAllGlobals());

async function begin() {
  answers = [[200, { url: "https://id/auth", secret: "secret" }]];
  await leaveToSignIn();
}

describe("a login", () => {
  it("leaves for the provider, and comes back to its page", async () => {
    await begin();
    expect(location.assign).toHaveBeenCalledWith("https://id/auth");
    const query = takeAnswer();
    expect(history.replaceState).toHaveBeenCalledWith(null, "", "/accounts");
    answers = [[200, { token: "s.token" }]];
    expect(await comeBack(query)).toBe("/accounts");
    expect(asked[1]).toEqual({
      url: "/api/login/oidc/code",
      method: "POST",
      body: { state: "s", secret: "secret", code: "c", issuer: "https://id" },
      token: undefined,
    });
    expect(keptToken()).toBe("s.token");
    expect([...store.values()].join()).not.toContain("secret");
  });

  it("is none if this tab did not begin it, or came back before", async () => {
    expect(await comeBack(new URLSearchParams("code=c&state=s"))).toBeUndefined();
    await begin();
    answers = [[200, { token: "s.token" }]];
    await comeBack(takeAnswer());
    expect(await comeBack(takeAnswer())).toBeUndefined();
    expect(asked.length).toBe(2);
  });

  it("says why it is refused, and the provider's refusal is passed on", async () => {
    await begin();
    answers = [[403, { error: { code: "login_refused", message: "Not good." } }]];
    await expect(comeBack(new URLSearchParams("error=access_denied&state=s"))).rejects.toThrow(AdminError);
    expect(asked[1]?.body).toEqual({ state: "s", secret: "secret", error: "access_denied" });
    expect(keptToken()).toBe("");
  });

  it("goes back to pages of this server alone", async () => {
    store.set("parley:login", JSON.stringify({ secret: "x", to: "//evil.example" }));
    answers = [[200, { token: "s.token" }]];
    expect(await comeBack(takeAnswer())).toBe("/prepare");
  });
});

describe("who is signed in", () => {
  const account = { id: "a", name: "A", administrator: false, created: 0, roles: [] };

  it("prepares as a secretary, or as an administrator", () => {
    expect(prepares({ administrator: true })).toBe(true);
    expect(prepares({ administrator: false, account })).toBe(false);
    expect(prepares({ administrator: false, account: { ...account, roles: [{ id: "b", name: "B", role: "reader" }] } })).toBe(false);
    expect(prepares({ administrator: false, account: { ...account, roles: [{ id: "b", name: "B", role: "secretary" }] } })).toBe(true);
  });

  it("ends the session at the server; a token of the administrator is forgotten alone", async () => {
    await signOut("s.token", { administrator: false, account });
    expect(asked).toEqual([{ url: "/api/session", method: "DELETE", body: undefined, token: "Bearer s.token" }]);
    await signOut("token", { administrator: true });
    expect(asked.length).toBe(1);
  });
});
