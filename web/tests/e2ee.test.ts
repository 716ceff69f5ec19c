// What holds for the whole of src/e2ee, read from its text.
import { describe, expect, it } from "vitest";

const sources = import.meta.glob("../src/e2ee/*.ts", { query: "?raw", import: "default", eager: true }) as Record<
  string,
  string
>;
const pure = ["bytes", "keys", "identity", "mls", "rules", "members", "work", "effects", "memory", "group"].map(
  (name) => [name, sources[`../src/e2ee/${name}.ts`]!] as const,
);

describe("the folder e2ee", () => {
  for (const [name, text] of pure) {
    it(`${name}.ts reads no clock, page or storage, and takes no chance but of WebCrypto`, () => {
      expect(text).not.toMatch(/\b(Date|performance|setTimeout|setInterval|Math\.random)\b/);
      expect(text).not.toMatch(/\b(document|window|localStorage|sessionStorage|indexedDB|fetch|console)\b\s*[.(]/);
    });
  }

  it("has MLS from one file, which names its own authentication every time", () => {
    const users = Object.entries(sources).filter(([, text]) => /from "ts-mls/.test(text));
    expect(users.map(([path]) => path)).toEqual(["../src/e2ee/mls.ts"]);
    expect(sources["../src/e2ee/mls.ts"]).not.toMatch(/acceptAll|default(ClientConfig|AuthenticationService)/);
  });
});
