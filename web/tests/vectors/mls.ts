// RFC 9420's vectors, those of the cipher suite that is used, against the MLS library as it is installed.
// Run by script/vectors. What the files hold: mlswg/mls-implementations, test-vectors.md.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { decodeAuthenticatedContent } from "ts-mls/authenticatedContent.js";
import { joinGroup, makePskIndex, validateRatchetTree } from "ts-mls/clientState.js";
import { encode } from "ts-mls/codec/tlsEncoder.js";
import { decodeVarLenData } from "ts-mls/codec/variableLength.js";
import { commitEncoder, decodeCommit } from "ts-mls/commit.js";
import { applyUpdatePathSecret } from "ts-mls/createCommit.js";
import { getCiphersuiteFromName } from "ts-mls/crypto/ciphersuite.js";
import { getCiphersuiteImpl } from "ts-mls/crypto/getCiphersuiteImpl.js";
import { refhash } from "ts-mls/crypto/hash.js";
import { decryptWithLabel, encryptWithLabel } from "ts-mls/crypto/hpke.js";
import { deriveSecret, deriveTreeSecret, expandWithLabel } from "ts-mls/crypto/kdf.js";
import { signWithLabel, verifyWithLabel } from "ts-mls/crypto/signature.js";
import { createContentCommitSignature, verifyConfirmationTag } from "ts-mls/framedContent.js";
import { encodeGroupContext, type GroupContext } from "ts-mls/groupContext.js";
import { decodeGroupSecrets, groupSecretsEncoder } from "ts-mls/groupSecrets.js";
import { verifyGroupInfoConfirmationTag, verifyGroupInfoSignature } from "ts-mls/groupInfo.js";
import { makeKeyPackageRef } from "ts-mls/keyPackage.js";
import { defaultKeyRetentionConfig } from "ts-mls/keyRetentionConfig.js";
import { initializeEpoch, mlsExporter } from "ts-mls/keySchedule.js";
import { decodeMlsMessage, encodeMlsMessage } from "ts-mls/message.js";
import { protectApplicationData, protectProposal, unprotectPrivateMessage } from "ts-mls/messageProtection.js";
import { protectProposalPublic, protectPublicMessage, unprotectPublicMessage } from "ts-mls/messageProtectionPublic.js";
import { defaultPaddingConfig } from "ts-mls/paddingConfig.js";
import { getCommitSecret, pathToRoot } from "ts-mls/pathSecrets.js";
import { computePskSecret } from "ts-mls/presharedkey.js";
import { processMessage } from "ts-mls/processMessages.js";
import * as proposals from "ts-mls/proposal.js";
import {
  addLeafNode,
  decodeRatchetTree,
  encodeRatchetTree,
  type RatchetTree,
  removeLeafNode,
  resolution,
  updateLeafNode,
} from "ts-mls/ratchetTree.js";
import { createSecretTree, deriveKey, deriveNonce, ratchetUntil } from "ts-mls/secretTree.js";
import { expandSenderDataKey, expandSenderDataNonce } from "ts-mls/sender.js";
import { createConfirmedHash, createInterimHash } from "ts-mls/transcriptHash.js";
import { treeHash, treeHashRoot } from "ts-mls/treeHash.js";
import * as math from "ts-mls/treemath.js";
import { applyUpdatePath, createUpdatePath, decodeUpdatePath } from "ts-mls/updatePath.js";
import { bytesToBase64 } from "ts-mls/util/byteArray.js";
import { decryptGroupInfo, decryptGroupSecrets } from "ts-mls/welcome.js";

import { hex, toHex } from "../hex";

const SUITE = 1;
const NAME = "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519";
const cs = await getCiphersuiteImpl(getCiphersuiteFromName(NAME));

/** Any of the files' shapes; they are data of others, read field by field. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Case = any;

function load(file: string, all = false): Case[] {
  const cases = JSON.parse(readFileSync(`${process.env["PARLEY_VECTORS"]}/mls/${file}.json`, "utf8")) as Case[];
  const ours = all ? cases : cases.filter((c) => c.cipher_suite === SUITE);
  expect(ours.length).toBeGreaterThan(0);
  return ours;
}

function each(file: string, check: (c: Case) => Promise<void> | void, all = false): void {
  describe(file, () => {
    it.each(load(file, all).map((c, i) => [i, c] as const))("%i", { timeout: 60_000 }, (_i, c) => check(c));
  });
}

const empty = new Uint8Array(0);

function whole<T>(read: [T, number] | undefined, bytes: Uint8Array): T {
  expect(read?.[1]).toBe(bytes.length);
  return read![0];
}

function message(text: string) {
  return whole(decodeMlsMessage(hex(text), 0), hex(text));
}

function context(c: Case, change: Partial<GroupContext> = {}): GroupContext {
  return {
    version: "mls10",
    cipherSuite: NAME,
    groupId: hex(c.group_id),
    epoch: BigInt(c.epoch),
    treeHash: hex(c.tree_hash ?? ""),
    confirmedTranscriptHash: hex(c.confirmed_transcript_hash),
    extensions: [],
    ...change,
  };
}

const tree = (text: string): RatchetTree => whole(decodeRatchetTree(hex(text), 0), hex(text));

each("tree-math", (c) => {
  const width = c.n_leaves as number;
  expect(math.nodeWidth(width)).toBe(c.n_nodes);
  expect(math.root(width)).toBe(c.root);
  const of = (f: (n: math.NodeIndex) => number) =>
    Array.from({ length: c.n_nodes }, (_, n) => {
      try {
        return f(math.toNodeIndex(n));
      } catch {
        return null; // a leaf has no children, the root no parent
      }
    });
  expect(of(math.left)).toEqual(c.left);
  expect(of(math.right)).toEqual(c.right);
  expect(of((n) => math.parent(n, width))).toEqual(c.parent);
  expect(of((n) => math.sibling(n, width))).toEqual(c.sibling);
}, true);

each("deserialization", (c) => {
  const header = hex(c.vlbytes_header);
  const bytes = new Uint8Array(header.length + c.length);
  bytes.set(header);
  const read = decodeVarLenData(bytes, 0);
  expect([read?.[0].length, read?.[1]]).toEqual([c.length, bytes.length]);
}, true);

each("crypto-basics", async (c) => {
  const { ref_hash: r, expand_with_label: e, derive_secret: d, derive_tree_secret: t } = c;
  expect(toHex(await refhash(r.label, hex(r.value), cs.hash))).toBe(r.out);
  expect(toHex(await expandWithLabel(hex(e.secret), e.label, hex(e.context), e.length, cs.kdf))).toBe(e.out);
  expect(toHex(await deriveSecret(hex(d.secret), d.label, cs.kdf))).toBe(d.out);
  expect(toHex(await deriveTreeSecret(hex(t.secret), t.label, t.generation, t.length, cs.kdf))).toBe(t.out);
  const s = c.sign_with_label;
  const holds = (signature: Uint8Array) =>
    verifyWithLabel(hex(s.pub), s.label, hex(s.content), signature, cs.signature);
  expect(await holds(hex(s.signature))).toBe(true);
  expect(await holds(await signWithLabel(hex(s.priv), s.label, hex(s.content), cs.signature))).toBe(true);
  const w = c.encrypt_with_label;
  const open = async (kem: Uint8Array, text: Uint8Array) =>
    decryptWithLabel(await cs.hpke.importPrivateKey(hex(w.priv)), w.label, hex(w.context), kem, text, cs.hpke);
  expect(toHex(await open(hex(w.kem_output), hex(w.ciphertext)))).toBe(w.plaintext);
  const to = await cs.hpke.importPublicKey(hex(w.pub));
  const { enc, ct } = await encryptWithLabel(to, w.label, hex(w.context), hex(w.plaintext), cs.hpke);
  expect(toHex(await open(enc, ct))).toBe(w.plaintext);
});

each("secret-tree", async (c) => {
  const { sender_data: s } = c;
  const [secret, text] = [hex(s.sender_data_secret), hex(s.ciphertext)];
  expect(toHex(await expandSenderDataKey(cs, secret, text))).toBe(s.key);
  expect(toHex(await expandSenderDataNonce(cs, secret, text))).toBe(s.nonce);
  const secrets = await createSecretTree(c.leaves.length, hex(c.encryption_secret), cs.kdf);
  const config = { ...defaultKeyRetentionConfig, maximumForwardRatchetSteps: 1000 };
  for (const [leaf, generations] of c.leaves.entries())
    for (const g of generations) {
      const node = secrets[2 * leaf]!;
      for (const kind of ["handshake", "application"] as const) {
        const [at] = await ratchetUntil(node[kind], g.generation, config, cs.kdf);
        expect(toHex(await deriveKey(at.secret, g.generation, cs))).toBe(g[`${kind}_key`]);
        expect(toHex(await deriveNonce(at.secret, g.generation, cs))).toBe(g[`${kind}_nonce`]);
      }
    }
});

each("message-protection", async (c) => {
  const at = context(c);
  const [sign, membership, senderData] = [c.signature_priv, c.membership_key, c.sender_data_secret].map(hex);
  const leaf = 1;
  const secrets = () => createSecretTree(2, hex(c.encryption_secret), cs.kdf);
  const open = async (m: ReturnType<typeof message>) => {
    if (m.wireformat === "mls_public_message")
      return (await unprotectPublicMessage(membership!, at, [], m.publicMessage, cs, hex(c.signature_pub))).content;
    if (m.wireformat !== "mls_private_message") throw new Error(m.wireformat);
    const there: RatchetTree = [undefined, undefined, { nodeType: "leaf", leaf: {} as never }];
    const opened = await unprotectPrivateMessage(
      senderData!, m.privateMessage, await secrets(), there, at, defaultKeyRetentionConfig, cs,
      hex(c.signature_pub),
    );
    return opened.content.content;
  };
  const proposal = whole(proposals.decodeProposal(hex(c.proposal), 0), hex(c.proposal));
  const commit = whole(decodeCommit(hex(c.commit), 0), hex(c.commit));
  const data = hex(c.application);
  for (const text of [c.proposal_pub, c.proposal_priv]) expect(await open(message(text))).toMatchObject({ proposal });
  for (const text of [c.commit_pub, c.commit_priv]) expect(await open(message(text))).toMatchObject({ commit });
  expect(await open(message(c.application_priv))).toMatchObject({ applicationData: data });

  const version = "mls10" as const;
  const open2 = (m: object) => open({ version, ...m } as ReturnType<typeof message>);
  const { publicMessage } = await protectProposalPublic(sign!, membership!, at, empty, proposal, leaf, cs);
  expect(await open2({ wireformat: "mls_public_message", publicMessage })).toMatchObject({ proposal });
  const padding = defaultPaddingConfig;
  const sealed = await protectProposal(
    sign!, senderData!, proposal, empty, at, await secrets(), leaf, padding, cs,
  );
  const wire = { wireformat: "mls_private_message" };
  expect(await open2({ ...wire, privateMessage: sealed.privateMessage })).toMatchObject({ proposal });
  const app = await protectApplicationData(
    sign!, senderData!, data, empty, at, await secrets(), leaf, padding, cs,
  );
  expect(await open2({ ...wire, privateMessage: app.privateMessage })).toMatchObject({ applicationData: data });
  const made = await createContentCommitSignature(
    at, "mls_public_message", commit, { senderType: "member", leafIndex: leaf }, empty, sign!, cs.signature,
  );
  const auth = { contentType: "commit" as const, signature: made.signature, confirmationTag: hex("aabb") };
  const content = { wireformat: "mls_public_message" as const, content: made.framedContent, auth };
  const pub = await protectPublicMessage(membership!, at, content, cs);
  expect(await open2({ wireformat: "mls_public_message", publicMessage: pub })).toMatchObject({ commit });
});

each("key-schedule", async (c) => {
  let init: Uint8Array = hex(c.initial_init_secret);
  for (const [epoch, e] of c.epochs.entries()) {
    const at = context({ ...e, group_id: c.group_id, epoch });
    expect(toHex(encodeGroupContext(at))).toBe(e.group_context);
    const made = await initializeEpoch(init, hex(e.commit_secret), at, hex(e.psk_secret), cs.kdf);
    const keys = made.keySchedule;
    init = keys.initSecret;
    expect({
      joiner_secret: toHex(made.joinerSecret),
      welcome_secret: toHex(made.welcomeSecret),
      encryption_secret: toHex(made.encryptionSecret),
      init_secret: toHex(keys.initSecret),
      sender_data_secret: toHex(keys.senderDataSecret),
      exporter_secret: toHex(keys.exporterSecret),
      epoch_authenticator: toHex(keys.epochAuthenticator),
      external_secret: toHex(keys.externalSecret),
      confirmation_key: toHex(keys.confirmationKey),
      membership_key: toHex(keys.membershipKey),
      resumption_psk: toHex(keys.resumptionPsk),
    }).toEqual(
      Object.fromEntries(
        ["joiner_secret", "welcome_secret", "encryption_secret", "init_secret", "sender_data_secret",
          "exporter_secret", "epoch_authenticator", "external_secret", "confirmation_key", "membership_key",
          "resumption_psk"].map((name) => [name, e[name]]),
      ),
    );
    const { label, context: of, length, secret } = e.exporter;
    expect(toHex(await mlsExporter(keys.exporterSecret, label, hex(of), length, cs))).toBe(secret);
    const { publicKey } = await cs.hpke.deriveKeyPair(keys.externalSecret);
    expect(toHex(await cs.hpke.exportPublicKey(publicKey))).toBe(e.external_pub);
  }
});

each("psk_secret", async (c) => {
  const psks = (c.psks as Case[]).map((p) => {
    const id = { psktype: "external" as const, pskId: hex(p.psk_id), pskNonce: hex(p.psk_nonce) };
    return [id, hex(p.psk)] as [typeof id, Uint8Array];
  });
  expect(toHex(await computePskSecret(psks, cs))).toBe(c.psk_secret);
});

each("transcript-hashes", async (c) => {
  const bytes = hex(c.authenticated_content);
  const { wireformat, content, auth } = whole(decodeAuthenticatedContent(bytes, 0), bytes);
  if (content.contentType !== "commit" || auth.contentType !== "commit") throw new Error(content.contentType);
  const before = hex(c.interim_transcript_hash_before);
  const confirmed = await createConfirmedHash(before, { wireformat, content, signature: auth.signature }, cs.hash);
  expect(toHex(confirmed)).toBe(c.confirmed_transcript_hash_after);
  expect(await verifyConfirmationTag(hex(c.confirmation_key), auth.confirmationTag, confirmed, cs.hash)).toBe(true);
  const interim = await createInterimHash(confirmed, auth.confirmationTag, cs.hash);
  expect(toHex(interim)).toBe(c.interim_transcript_hash_after);
});

each("welcome", async (c) => {
  const [package_, welcome] = [message(c.key_package), message(c.welcome)];
  if (package_.wireformat !== "mls_key_package" || welcome.wireformat !== "mls_welcome") throw new Error("kind");
  const ref = await makeKeyPackageRef(package_.keyPackage, cs.hash);
  const key = await cs.hpke.importPrivateKey(hex(c.init_priv));
  const secrets = await decryptGroupSecrets(key, ref, welcome.welcome, cs.hpke);
  const none = new Uint8Array(cs.kdf.size);
  const info = await decryptGroupInfo(welcome.welcome, secrets!.joinerSecret, none, cs);
  expect(await verifyGroupInfoSignature(info!, hex(c.signer_pub), cs.signature)).toBe(true);
  expect(await verifyGroupInfoConfirmationTag(info!, secrets!.joinerSecret, none, cs)).toBe(true);
});

each("tree-operations", async (c) => {
  const before = tree(c.tree_before);
  expect(toHex(await treeHashRoot(before, cs.hash))).toBe(c.tree_hash_before);
  const p = whole(proposals.decodeProposal(hex(c.proposal), 0), hex(c.proposal));
  let after: RatchetTree;
  if (p.proposalType === "add") [after] = addLeafNode(before, p.add.keyPackage.leafNode);
  else if (p.proposalType === "update")
    after = updateLeafNode(before, p.update.leafNode, math.toLeafIndex(c.proposal_sender));
  else if (p.proposalType === "remove") after = removeLeafNode(before, math.toLeafIndex(p.remove.removed));
  else throw new Error(String(p.proposalType));
  expect(toHex(encodeRatchetTree(after))).toBe(c.tree_after);
  expect(toHex(await treeHashRoot(after, cs.hash))).toBe(c.tree_hash_after);
});

/** The files' leaves are of nobody. */
const anybody = { validateCredential: async () => true };
const lifetimes = { maximumTotalLifetime: 0n, validateLifetimeOnReceive: false };

each("tree-validation", async (c) => {
  const t = tree(c.tree);
  const at = context({ ...c, epoch: 0, confirmed_transcript_hash: "" });
  for (const [i, hash] of c.tree_hashes.entries()) {
    expect(toHex(await treeHash(t, math.toNodeIndex(i), cs.hash))).toBe(hash);
    expect(resolution(t, math.toNodeIndex(i))).toEqual(c.resolutions[i]);
  }
  const rootHash = await treeHashRoot(t, cs.hash);
  expect(await validateRatchetTree(t, at, lifetimes, anybody, rootHash, cs)).toBeUndefined();
});

each("treekem", async (c) => {
  const t = tree(c.ratchet_tree);
  const leaves = c.leaves_private as Case[];
  const privateOf = async (of: Case) => {
    const keys: Record<number, Uint8Array> = { [2 * of.index]: hex(of.encryption_priv) };
    for (const { node, path_secret } of of.path_secrets) {
      const secret = await deriveSecret(hex(path_secret), "node", cs.kdf);
      const pair = await cs.hpke.deriveKeyPair(secret);
      keys[node] = await cs.hpke.exportPrivateKey(pair.privateKey);
      const there = t[node];
      if (there?.nodeType !== "parent") throw new Error("no parent node");
      expect(toHex(await cs.hpke.exportPublicKey(pair.publicKey))).toBe(toHex(there.parent.hpkePublicKey));
    }
    return { leafIndex: of.index as number, privateKeys: keys };
  };
  for (const u of c.update_paths) {
    const sender = math.toLeafIndex(u.sender);
    const path = whole(decodeUpdatePath(hex(u.update_path), 0), hex(u.update_path));
    const after = await applyUpdatePath(t, sender, path, cs.hash);
    expect(toHex(await treeHashRoot(after, cs.hash))).toBe(u.tree_hash_after);
    const at = context(c, { treeHash: hex(u.tree_hash_after) });
    for (const of of leaves.filter(({ index }) => index !== u.sender)) {
      const keys = await privateOf(of);
      const got = await applyUpdatePathSecret(after, keys, sender, at, path, [], cs);
      expect(toHex(got.pathSecret)).toBe(u.path_secrets[of.index]);
      const secrets = await pathToRoot(after, got.nodeIndex, got.pathSecret, cs.kdf);
      const root = math.root(math.leafWidth(after.length));
      expect(toHex(await getCommitSecret(after, root, secrets[root]!, cs.kdf))).toBe(u.commit_secret);
    }
    // The same with a path of one's own.
    const own = leaves.find(({ index }) => index === u.sender);
    const earlier = { ...at, epoch: at.epoch - 1n }; // the context a path is sealed for is the next epoch's
    const [mine, made, made2] = await createUpdatePath(t, sender, earlier, hex(own.signature_priv), cs);
    const theirs = await applyUpdatePath(t, sender, made, cs.hash);
    const hash = await treeHashRoot(theirs, cs.hash);
    expect(toHex(hash)).toBe(toHex(await treeHashRoot(mine, cs.hash)));
    for (const of of leaves.filter(({ index }) => index !== u.sender)) {
      const got = await applyUpdatePathSecret(
        theirs, await privateOf(of), sender, { ...at, treeHash: hash }, made, [], cs,
      );
      const sent = made2.find(({ nodeIndex }) => nodeIndex === got.nodeIndex);
      expect(toHex(got.pathSecret)).toBe(toHex(sent!.secret));
    }
  }
});

each("messages", (c) => {
  for (const name of ["mls_welcome", "mls_group_info", "mls_key_package", "public_message_proposal",
    "public_message_commit", "private_message", "public_message_application"])
    expect(toHex(encodeMlsMessage(message(c[name])))).toBe(c[name]);
  const again = <T>(name: string, decode: (b: Uint8Array, at: number) => [T, number] | undefined,
    encodeIt: (value: T) => Uint8Array) =>
    expect(toHex(encodeIt(whole(decode(hex(c[name]), 0), hex(c[name]))))).toBe(c[name]);
  again("ratchet_tree", decodeRatchetTree, encodeRatchetTree);
  again("group_secrets", decodeGroupSecrets, encode(groupSecretsEncoder));
  again("add_proposal", proposals.decodeAdd, encode(proposals.addEncoder));
  again("update_proposal", proposals.decodeUpdate, encode(proposals.updateEncoder));
  again("remove_proposal", proposals.decodeRemove, encode(proposals.removeEncoder));
  again("pre_shared_key_proposal", proposals.decodePSK, encode(proposals.pskEncoder));
  again("re_init_proposal", proposals.decodeReinit, encode(proposals.reinitEncoder));
  again("external_init_proposal", proposals.decodeExternalInit, encode(proposals.externalInitEncoder));
  again("group_context_extensions_proposal", proposals.decodeGroupContextExtensions,
    encode(proposals.groupContextExtensionsEncoder));
  again("commit", decodeCommit, encode(commitEncoder));
}, true);

const passive = async (c: Case) => {
  const [package_, welcome] = [message(c.key_package), message(c.welcome)];
  if (package_.wireformat !== "mls_key_package" || welcome.wireformat !== "mls_welcome") throw new Error("kind");
  const psks = Object.fromEntries(
    (c.external_psks as Case[]).map((p) => [bytesToBase64(hex(p.psk_id)), hex(p.psk)] as const),
  );
  const keys = {
    initPrivateKey: hex(c.init_priv),
    hpkePrivateKey: hex(c.encryption_priv),
    signaturePrivateKey: hex(c.signature_priv),
  };
  const client = {
    keyRetentionConfig: defaultKeyRetentionConfig,
    lifetimeConfig: lifetimes,
    keyPackageEqualityConfig: { compareKeyPackages: () => false, compareKeyPackageToLeafNode: () => false },
    paddingConfig: defaultPaddingConfig,
    authService: anybody,
  };
  const given = c.ratchet_tree ? tree(c.ratchet_tree) : undefined;
  let state = await joinGroup(
    welcome.welcome, package_.keyPackage, keys, makePskIndex(undefined, psks), cs, given, undefined, client,
  );
  expect(toHex(state.keySchedule.epochAuthenticator)).toBe(c.initial_epoch_authenticator);
  for (const epoch of c.epochs) {
    for (const text of [...epoch.proposals, epoch.commit]) {
      const m = message(text);
      if (m.wireformat !== "mls_public_message" && m.wireformat !== "mls_private_message") throw new Error(m.wireformat);
      const done = await processMessage(m, state, makePskIndex(state, psks), () => "accept", cs);
      state = done.newState;
    }
    expect(toHex(state.keySchedule.epochAuthenticator)).toBe(epoch.epoch_authenticator);
  }
};
each("passive-client-welcome", passive);
each("passive-client-handling-commit", passive);
each("passive-client-random", passive);
