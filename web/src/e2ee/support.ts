// Whether this browser can take part in an encrypted meeting. There is no other way in: see the fail-closed
// rules in README.md.

/** Whether it can check what an organiser signed: all that an unencrypted meeting needs. */
export async function canVerify(): Promise<boolean> {
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined; // none without HTTPS
  try {
    return (await subtle?.generateKey({ name: "Ed25519" }, false, ["sign", "verify"])) !== undefined;
  } catch {
    return false;
  }
}

/** Tried, not guessed: browsers name algorithms that a policy, or private browsing, refuses. */
export async function canEncrypt(): Promise<boolean> {
  const has = typeof RTCRtpScriptTransform !== "undefined" && typeof Worker !== "undefined";
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined; // none without HTTPS
  if (!has || !subtle) return false;
  try {
    await Promise.all([
      subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]),
      subtle.generateKey({ name: "X25519" }, false, ["deriveBits"]),
      subtle.generateKey({ name: "AES-GCM", length: 128 }, false, ["encrypt", "decrypt"]),
      openDatabase(),
    ]);
    return true;
  } catch {
    return false;
  }
}

const PROBE = "parley-probe";

/** Firefox refuses one to some windows only when it is opened. */
function openDatabase(): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(PROBE);
    request.onerror = () => reject(new Error("no database"));
    request.onsuccess = () => {
      request.result.close();
      indexedDB.deleteDatabase(PROBE);
      resolve();
    };
  });
}
