// What the server asks of passkeys, as browsers take it, and their answers, as the server does.
import { afterEach, describe, expect, it, vi } from "vitest";

import { utf8 } from "../src/e2ee/bytes";
import { canUsePasskeys, creationOf, makePasskey, PasskeyError, requestOf, usePasskey } from "../src/lib/passkey";

const creation = {
  rp: { id: "parley.example", name: "Parley" },
  user: { id: "AQI", name: "ana@example.org", displayName: "Ana" },
  challenge: "CQgH",
  pubKeyCredParams: [{ type: "public-key", alg: -7 }],
  excludeCredentials: [{ type: "public-key", id: "BQ" }],
  attestation: "none",
};
const request = { challenge: "CQgH", rpId: "parley.example", allowCredentials: [], userVerification: "required" };

const buffer = (text: string) => utf8(text).buffer;

function browserWith(credentials: Partial<CredentialsContainer>) {
  vi.stubGlobal("navigator", { credentials });
}

afterEach(() => vi.unstubAllGlobals());

describe("what the server asks", () => {
  it("is read as browsers take it", () => {
    const options = creationOf(creation);
    expect(options.challenge).toEqual(new Uint8Array([9, 8, 7]));
    expect(options.user).toEqual({ ...creation.user, id: new Uint8Array([1, 2]) });
    expect(options.excludeCredentials).toEqual([{ type: "public-key", id: new Uint8Array([5]) }]);
    expect(options.rp).toEqual(creation.rp);
    expect(options.attestation).toBe("none");
    expect(requestOf(request)).toEqual({ ...request, challenge: new Uint8Array([9, 8, 7]) });
  });

  it("is refused where it is malformed", () => {
    expect(() => requestOf({ ...request, challenge: "!" })).toThrow(TypeError);
    expect(() => requestOf({ ...request, challenge: undefined })).toThrow(TypeError);
    expect(() => creationOf({ ...creation, user: { ...creation.user, id: "A" } })).toThrow(TypeError);
  });
});

describe("the browser's answer", () => {
  it("goes to the server with the question's secret", async () => {
    browserWith({
      create: async () => ({ response: { clientDataJSON: buffer("c"), attestationObject: buffer("o") } }) as never,
      get: async () =>
        ({
          rawId: buffer("i"),
          response: {
            clientDataJSON: buffer("c"),
            authenticatorData: buffer("d"),
            signature: buffer("s"),
            userHandle: buffer("u"),
          },
        }) as never,
    });
    expect(await makePasskey({ secret: "x", publicKey: creation })).toEqual({
      secret: "x",
      clientDataJSON: "Yw",
      attestationObject: "bw",
    });
    expect(await usePasskey({ secret: "x", publicKey: request })).toEqual({
      secret: "x",
      id: "aQ",
      clientDataJSON: "Yw",
      authenticatorData: "ZA",
      signature: "cw",
      userHandle: "dQ",
    });
  });

  it("may be none", async () => {
    for (const [name, kind] of [
      ["NotAllowedError", "stopped"],
      ["InvalidStateError", "known"],
      ["SecurityError", "unable"],
    ] as const) {
      const fails = () => Promise.reject(new DOMException("", name));
      browserWith({ create: fails, get: fails });
      await expect(makePasskey({ secret: "x", publicKey: creation })).rejects.toEqual(new PasskeyError(kind));
      await expect(usePasskey({ secret: "x", publicKey: request })).rejects.toEqual(new PasskeyError(kind));
    }
    browserWith({ create: async () => null, get: async () => null });
    await expect(makePasskey({ secret: "x", publicKey: creation })).rejects.toMatchObject({ kind: "stopped" });
    await expect(usePasskey({ secret: "x", publicKey: request })).rejects.toMatchObject({ kind: "stopped" });
    browserWith({ get: () => Promise.reject(new TypeError("a fault of ours")) });
    await expect(usePasskey({ secret: "x", publicKey: request })).rejects.toThrow(TypeError);
  });

  it("is not asked for where there are no passkeys", () => {
    vi.stubGlobal("window", { isSecureContext: true });
    expect(canUsePasskeys()).toBe(false);
    vi.stubGlobal("PublicKeyCredential", class {});
    expect(canUsePasskeys()).toBe(true);
    vi.stubGlobal("window", { isSecureContext: false });
    expect(canUsePasskeys()).toBe(false);
  });
});
