// MLS (RFC 9420) as Parley uses it, around ts-mls: the only file that imports that library, so that
// another could take its place. Suite 1, handshakes as PublicMessage and by value, the ratchet tree in
// the Welcome, no external senders, and always an authentication of ours. No clock, no messages.
//
// Its index is not imported: it takes in packages that it does not name (@noble/hashes), and none of
// which is needed for suite 1, which is WebCrypto's.
//
// ts-mls gives a commit with a GroupContextExtensions proposal alone no path, though RFC 9420, 17.4
// asks for one. Between clients of this library it holds; what the path would add comes with the next
// update.
import type { ClientConfig } from "ts-mls/clientConfig.js";
import { type ClientState, createGroup, joinGroup } from "ts-mls/clientState.js";
import {
  createCommit,
  createGroupInfoWithExternalPubAndRatchetTree,
  joinGroupExternal,
} from "ts-mls/createCommit.js";
import { createApplicationMessage } from "ts-mls/createMessage.js";
import type { Credential } from "ts-mls/credential.js";
import { getCiphersuiteFromName } from "ts-mls/crypto/ciphersuite.js";
import { getCiphersuiteImpl } from "ts-mls/crypto/getCiphersuiteImpl.js";
import { ratchetTreeFromExtension } from "ts-mls/groupInfo.js";
import {
  generateKeyPackageWithKey,
  type KeyPackage as PublicPackage,
  type PrivateKeyPackage,
  verifyKeyPackage,
} from "ts-mls/keyPackage.js";
import { defaultKeyRetentionConfig } from "ts-mls/keyRetentionConfig.js";
import { mlsExporter } from "ts-mls/keySchedule.js";
import { type LeafNode, verifyLeafNodeSignatureKeyPackage } from "ts-mls/leafNode.js";
import { defaultLifetime } from "ts-mls/lifetime.js";
import { decodeMlsMessage, encodeMlsMessage, type MLSMessage } from "ts-mls/message.js";
import { unprotectPrivateMessage } from "ts-mls/messageProtection.js";
import { defaultPaddingConfig } from "ts-mls/paddingConfig.js";
import { processPublicMessage } from "ts-mls/processMessages.js";
import type { Proposal } from "ts-mls/proposal.js";
import { emptyPskIndex } from "ts-mls/pskIndex.js";
import type { PublicMessage } from "ts-mls/publicMessage.js";
import type { RatchetTree } from "ts-mls/ratchetTree.js";
import { zeroOutUint8Array } from "ts-mls/util/byteArray.js";

import { type Bytes, decodeFields, encodeFields, fromUtf8, same, toBase64url, utf8 } from "./bytes";

const SUITE_NAME = "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519";
const suite = getCiphersuiteImpl(getCiphersuiteFromName(SUITE_NAME));

/** Of the range for private use (RFC 9420, 17.3): the extension that holds `Policy`. */
const POLICY_EXTENSION = 0xf0a1;
const POLICY = "parley group v1";
/** Messages can be opened for so many epochs after their own. */
const EPOCHS_KEPT = 4;

/** What a group is and how it stands, agreed by all members in each epoch. */
export interface Policy {
  meeting: string;
  /** `meeting`, `seat:NOR`, … */
  name: string;
  /** The organiser's fingerprint. */
  organiser: string;
  /** Nobody is added but by a chair. */
  locked: boolean;
}

/** A credential's identity with the MLS key it is for. */
export interface Claim {
  identity: Bytes;
  mlsKey: Bytes;
}

/** How leaves are judged: `valid` on every leaf that comes or changes, `sameClient` on two of them. */
export interface Judge {
  valid: (claim: Claim) => Promise<boolean>;
  sameClient: (a: Claim, b: Claim) => boolean;
}

/** A member's secret state in one epoch. A new value for every change. */
export type State = ClientState;

/** A KeyPackage and what belongs to it. For one use. */
export interface OwnPackage {
  bytes: Bytes;
  publicPackage: PublicPackage;
  privatePackage: PrivateKeyPackage;
}

export interface MlsKey {
  publicKey: Bytes;
  signKey: Uint8Array;
}

/** What was read, still to be judged. */
export interface AddPackage {
  publicPackage: PublicPackage;
  claim: Claim;
}

export interface Commit {
  groupId: Bytes;
  epoch: bigint;
  /** A leaf; `new`: by an external commit. */
  sender: number | "new";
  adds: Claim[];
  removes: number[];
  policy?: Policy | undefined;
  /** The committer's renewed leaf. */
  path?: Claim | undefined;
  /** It holds what no commit of ours does. */
  foreign: boolean;
  message: PublicMessage;
}

export interface Committed {
  next: State;
  commit: Bytes;
  welcome?: Bytes;
  groupInfo: Bytes;
  /** Secrets of the state before, to be wiped when `next` counts. */
  consumed: Uint8Array[];
}

function toBytes(bytes: Uint8Array): Bytes {
  return new Uint8Array(bytes);
}

function claimOf(leaf: Pick<LeafNode, "credential" | "signaturePublicKey">): Claim {
  const { credential } = leaf;
  return {
    identity: credential.credentialType === "basic" ? toBytes(credential.identity) : new Uint8Array(0),
    mlsKey: toBytes(leaf.signaturePublicKey),
  };
}

function config(judge: Judge): ClientConfig {
  return {
    keyRetentionConfig: { ...defaultKeyRetentionConfig, retainKeysForEpochs: EPOCHS_KEPT },
    // How long a leaf lasts stands in its credential, which `valid` reads.
    lifetimeConfig: { maximumTotalLifetime: defaultLifetime.notAfter, validateLifetimeOnReceive: false },
    keyPackageEqualityConfig: {
      compareKeyPackages: (a, b) => judge.sameClient(claimOf(a.leafNode), claimOf(b.leafNode)),
      compareKeyPackageToLeafNode: (a, b) => judge.sameClient(claimOf(a.leafNode), claimOf(b)),
    },
    paddingConfig: defaultPaddingConfig,
    authService: {
      validateCredential: async (credential: Credential, signaturePublicKey: Uint8Array) =>
        credential.credentialType === "basic" && judge.valid(claimOf({ credential, signaturePublicKey })),
    },
  };
}

function encodeMessage(message: MLSMessage): Bytes {
  return toBytes(encodeMlsMessage(message));
}

/** undefined: it is not one message, or bytes are left over. */
function decodeMessage(bytes: Uint8Array): MLSMessage | undefined {
  try {
    const read = decodeMlsMessage(bytes, 0);
    return read !== undefined && read[1] === bytes.length ? read[0] : undefined;
  } catch {
    return undefined; // the decoders of the library throw on some of what is no message
  }
}

function encodePolicy(policy: Policy): Bytes {
  return encodeFields(
    utf8(POLICY),
    utf8(policy.meeting),
    utf8(policy.name),
    utf8(policy.organiser),
    new Uint8Array([policy.locked ? 1 : 0]),
  );
}

type Extensions = ClientState["groupContext"]["extensions"];

function readPolicy(extensions: Extensions): Policy | undefined {
  const [only] = extensions;
  if (extensions.length !== 1 || only?.extensionType !== POLICY_EXTENSION) return undefined;
  const [label, meeting, name, organiser, locked] = decodeFields(only.extensionData, 5) ?? [];
  if (!label || fromUtf8(label) !== POLICY || locked?.length !== 1 || locked[0]! > 1) return undefined;
  const texts = [meeting!, name!, organiser!].map(fromUtf8);
  if (texts.includes(undefined)) return undefined;
  return { meeting: texts[0]!, name: texts[1]!, organiser: texts[2]!, locked: locked[0] === 1 };
}

function policyExtensions(policy: Policy): Extensions {
  return [{ extensionType: POLICY_EXTENSION, extensionData: encodePolicy(policy) }];
}

/** The key by which a device signs inside its groups. */
export async function newMlsKey(): Promise<MlsKey> {
  const { publicKey, signKey } = await (await suite).signature.keygen();
  return { publicKey: toBytes(publicKey), signKey };
}

export async function makePackage(identity: Bytes, key: MlsKey): Promise<OwnPackage> {
  const made = await generateKeyPackageWithKey(
    { credentialType: "basic", identity },
    {
      versions: ["mls10"],
      ciphersuites: [SUITE_NAME],
      extensions: [POLICY_EXTENSION],
      proposals: [],
      credentials: ["basic"],
    },
    defaultLifetime,
    [],
    key,
    await suite,
  );
  const bytes = encodeMessage({
    version: "mls10",
    wireformat: "mls_key_package",
    keyPackage: made.publicPackage,
  });
  return { bytes, ...made };
}

/** undefined: it is no KeyPackage of our suite. */
export function readPackage(bytes: Uint8Array): AddPackage | undefined {
  const message = decodeMessage(bytes);
  if (message?.wireformat !== "mls_key_package") return undefined;
  const publicPackage = message.keyPackage;
  if (publicPackage.cipherSuite !== SUITE_NAME) return undefined;
  return { publicPackage, claim: claimOf(publicPackage.leafNode) };
}

export async function create(
  groupId: Bytes,
  own: OwnPackage,
  policy: Policy,
  judge: Judge,
): Promise<State> {
  const { publicPackage, privatePackage } = own;
  const extensions = policyExtensions(policy);
  return createGroup(groupId, publicPackage, privatePackage, extensions, await suite, config(judge));
}

/** Throws on a Welcome that is not for this package, or any leaf of whose tree is not valid. */
export async function join(welcome: Uint8Array, own: OwnPackage, judge: Judge): Promise<State> {
  const message = decodeMessage(welcome);
  if (message?.wireformat !== "mls_welcome") throw new Error("it is no Welcome");
  const { publicPackage, privatePackage } = own;
  const cs = await suite;
  return joinGroup(
    message.welcome, publicPackage, privatePackage, emptyPskIndex, cs, undefined, undefined, config(judge),
  );
}

export async function groupInfo(state: State): Promise<Bytes> {
  const info = await createGroupInfoWithExternalPubAndRatchetTree(state, [], await suite);
  return encodeMessage({ version: "mls10", wireformat: "mls_group_info", groupInfo: info });
}

/** Nothing in it: an update of the own leaf. */
export interface Changes {
  add?: AddPackage[];
  remove?: number[];
  policy?: Policy | undefined;
}

export async function commit(state: State, changes: Changes): Promise<Committed> {
  const extraProposals: Proposal[] = [
    ...(changes.remove ?? []).map((removed) => ({ proposalType: "remove" as const, remove: { removed } })),
    ...(changes.add ?? []).map(({ publicPackage }) => ({
      proposalType: "add" as const,
      add: { keyPackage: publicPackage },
    })),
    ...(changes.policy === undefined
      ? []
      : [
          {
            proposalType: "group_context_extensions" as const,
            groupContextExtensions: { extensions: policyExtensions(changes.policy) },
          },
        ]),
  ];
  const cipherSuite = await suite;
  const made = await createCommit(
    { state, cipherSuite, pskIndex: emptyPskIndex },
    { wireAsPublicMessage: true, ratchetTreeExtension: true, extraProposals },
  );
  return {
    next: made.newState,
    commit: encodeMessage(made.commit),
    ...(made.welcome && {
      welcome: encodeMessage({ version: "mls10", wireformat: "mls_welcome", welcome: made.welcome }),
    }),
    groupInfo: await groupInfo(made.newState),
    consumed: made.consumed,
  };
}

/** All keys of a package, in words: no two leaves of a group share one. */
export function packageKeys({ publicPackage }: Pick<AddPackage, "publicPackage">): string[] {
  const { initKey, leafNode } = publicPackage;
  return [initKey, leafNode.hpkePublicKey, leafNode.signaturePublicKey].map(toBase64url);
}

/** Whether a package's signatures hold, and its keys are new to the tree. Its claim is judged elsewhere. */
export async function canAdd(state: State, { publicPackage }: AddPackage): Promise<boolean> {
  const { signature } = await suite;
  const { leafNode } = publicPackage;
  const keys = [leafNode.hpkePublicKey, leafNode.signaturePublicKey].map(toBase64url);
  const known = state.ratchetTree.some(
    (node) =>
      node !== undefined &&
      (node.nodeType === "leaf"
        ? keys.includes(toBase64url(node.leaf.hpkePublicKey)) ||
          keys.includes(toBase64url(node.leaf.signaturePublicKey))
        : keys.includes(toBase64url(node.parent.hpkePublicKey))),
  );
  return (
    !known &&
    publicPackage.version === "mls10" &&
    !same(publicPackage.initKey, leafNode.hpkePublicKey) &&
    leafNode.capabilities.extensions.includes(POLICY_EXTENSION) &&
    leafNode.capabilities.credentials.includes("basic") &&
    leafNode.extensions.length === 0 &&
    (await verifyLeafNodeSignatureKeyPackage(leafNode, signature)) &&
    verifyKeyPackage(publicPackage, signature)
  );
}

/** undefined: it is no commit in a PublicMessage. */
export function readCommit(bytes: Uint8Array): Commit | undefined {
  const message = decodeMessage(bytes);
  if (message?.wireformat !== "mls_public_message") return undefined;
  const { content } = message.publicMessage;
  if (content.contentType !== "commit") return undefined;
  const { sender } = content;
  if (sender.senderType !== "member" && sender.senderType !== "new_member_commit") return undefined;
  const read: Commit = {
    groupId: toBytes(content.groupId),
    epoch: content.epoch,
    sender: sender.senderType === "member" ? sender.leafIndex : "new",
    adds: [],
    removes: [],
    path: content.commit.path && claimOf(content.commit.path.leafNode),
    foreign: false,
    message: message.publicMessage,
  };
  for (const item of content.commit.proposals)
    if (item.proposalOrRefType !== "proposal" || !readProposal(read, item.proposal)) read.foreign = true;
  const keys = content.commit.proposals.flatMap((item) =>
    item.proposalOrRefType === "proposal" && item.proposal.proposalType === "add"
      ? packageKeys({ publicPackage: item.proposal.add.keyPackage })
      : [],
  );
  if (new Set(keys).size < keys.length) read.foreign = true; // the library looks at the tree before it only
  return read;
}

function readProposal(into: Commit, proposal: Proposal): boolean {
  switch (proposal.proposalType) {
    case "add":
      into.adds.push(claimOf(proposal.add.keyPackage.leafNode));
      return true;
    case "remove":
      into.removes.push(proposal.remove.removed);
      return true;
    case "external_init":
      return into.sender === "new";
    case "group_context_extensions": {
      const policy = readPolicy(proposal.groupContextExtensions.extensions);
      if (!policy || into.policy) return false;
      into.policy = policy;
      return true;
    }
    default:
      return false;
  }
}

/** The state after somebody's commit; `removed`: it removes this member. Throws if it does not hold. */
export async function apply(state: State, read: Commit): Promise<State | "removed"> {
  const done = await processPublicMessage(state, read.message, emptyPskIndex, await suite);
  done.consumed.forEach(zeroOutUint8Array);
  return done.newState.groupActiveState.kind === "removedFromGroup" ? "removed" : done.newState;
}

/** The state after an own commit that counts. `now`: the state that it leaves, in which messages may
 * have been opened since the commit was made: their keys stay used. */
export function adopt(now: State, own: Committed): State {
  const { epoch } = now.groupContext;
  const past = new Map(own.next.historicalReceiverData);
  const kept = past.get(epoch);
  if (kept) past.set(epoch, { ...kept, secretTree: now.secretTree });
  own.consumed.forEach(zeroOutUint8Array);
  return { ...own.next, historicalReceiverData: past };
}

export interface ReadInfo {
  groupId: Bytes;
  epoch: bigint;
  policy: Policy | undefined;
  leaves: Map<number, Claim>;
}

function readTree(tree: RatchetTree): Map<number, Claim> {
  const leaves = new Map<number, Claim>();
  for (const [i, node] of tree.entries())
    if (node?.nodeType === "leaf") leaves.set(i / 2, claimOf(node.leaf));
  return leaves;
}

/** What a GroupInfo says, not verified; undefined: it is none, or one without its tree. */
export function readInfo(bytes: Uint8Array): ReadInfo | undefined {
  const message = decodeMessage(bytes);
  if (message?.wireformat !== "mls_group_info") return undefined;
  const { groupContext } = message.groupInfo;
  try {
    const tree = ratchetTreeFromExtension(message.groupInfo);
    if (!tree) return undefined;
    return {
      groupId: toBytes(groupContext.groupId),
      epoch: groupContext.epoch,
      policy: readPolicy(groupContext.extensions),
      leaves: readTree(tree),
    };
  } catch {
    return undefined; // a tree that ends in a blank node
  }
}

/** An external commit in the place of this client's own leaf, which must be there. */
export async function resync(info: Uint8Array, own: OwnPackage, judge: Judge): Promise<Committed> {
  const message = decodeMessage(info);
  if (message?.wireformat !== "mls_group_info") throw new Error("it is no GroupInfo");
  const { publicPackage, privatePackage } = own;
  const cs = await suite;
  const made = await joinGroupExternal(
    message.groupInfo, publicPackage, privatePackage, true, cs, undefined, config(judge),
  );
  return {
    next: made.newState,
    commit: encodeMessage({
      version: "mls10",
      wireformat: "mls_public_message",
      publicMessage: made.publicMessage,
    }),
    groupInfo: await groupInfo(made.newState),
    consumed: [],
  };
}

export async function seal(state: State, data: Bytes): Promise<{ next: State; message: Bytes }> {
  const made = await createApplicationMessage(state, data, await suite);
  made.consumed.forEach(zeroOutUint8Array);
  const { privateMessage } = made;
  return {
    next: made.newState,
    message: encodeMessage({ version: "mls10", wireformat: "mls_private_message", privateMessage }),
  };
}

export interface Opened {
  next: State;
  epoch: bigint;
  /** Who sealed it, and the claim of that leaf in that epoch. */
  leaf: number;
  claim: Claim;
  data: Bytes;
}

/** The epoch that a sealed message names; undefined: it is none of this group. */
export function sealedEpoch(state: State, bytes: Uint8Array): bigint | undefined {
  const message = decodeMessage(bytes);
  if (message?.wireformat !== "mls_private_message") return undefined;
  const { privateMessage } = message;
  return same(privateMessage.groupId, state.groupContext.groupId) ? privateMessage.epoch : undefined;
}

/** Throws on what was opened before, is too old, or was not sealed by a member. */
export async function open(state: State, bytes: Uint8Array): Promise<Opened> {
  const message = decodeMessage(bytes);
  if (message?.wireformat !== "mls_private_message") throw new Error("it is no PrivateMessage");
  const { privateMessage } = message;
  const { epoch } = privateMessage;
  if (!same(privateMessage.groupId, state.groupContext.groupId)) throw new Error("of another group");
  const current = epoch === state.groupContext.epoch;
  const past = state.historicalReceiverData.get(epoch);
  if (!current && !past) throw new Error("of an epoch whose keys are gone");
  const of = current ? { ...state, senderDataSecret: state.keySchedule.senderDataSecret } : past!;
  const { content, tree, consumed } = await unprotectPrivateMessage(
    of.senderDataSecret, privateMessage, of.secretTree, of.ratchetTree, of.groupContext,
    state.clientConfig.keyRetentionConfig, await suite,
  );
  const framed = content.content;
  if (framed.contentType !== "application" || framed.sender.senderType !== "member")
    throw new Error("it is no application message");
  consumed.forEach(zeroOutUint8Array);
  const leaf = framed.sender.leafIndex;
  const next = current
    ? { ...state, secretTree: tree }
    : {
        ...state,
        historicalReceiverData: new Map(state.historicalReceiverData).set(epoch, {
          ...past!,
          secretTree: tree,
        }),
      };
  const claim = readTree(of.ratchetTree).get(leaf)!;
  return { next, epoch, leaf, claim, data: toBytes(framed.applicationData) };
}

/** MLS-Exporter (RFC 9420, 8.5) with an empty context. */
export async function exportKey(state: State, label: string, length: number): Promise<Bytes> {
  const { exporterSecret } = state.keySchedule;
  return toBytes(await mlsExporter(exporterSecret, label, new Uint8Array(0), length, await suite));
}

export function authenticator(state: State): Bytes {
  return toBytes(state.keySchedule.epochAuthenticator);
}

export function epochOf(state: State): bigint {
  return state.groupContext.epoch;
}

export function groupIdOf(state: State): Bytes {
  return toBytes(state.groupContext.groupId);
}

export function policyOf(state: State): Policy | undefined {
  return readPolicy(state.groupContext.extensions);
}

export function ownLeaf(state: State): number {
  return state.privatePath.leafIndex;
}

export function leavesOf(state: State): Map<number, Claim> {
  return readTree(state.ratchetTree);
}
