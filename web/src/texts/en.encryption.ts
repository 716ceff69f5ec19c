// Texts of end-to-end encryption.
import type { Change, Member } from "../e2ee/members";

const happened: Record<Change["what"], string> = {
  joined: "joined",
  left: "left",
  came_back: "came back with another key",
};

export const encryption = {
  title: "Encryption",
  open: "Not end-to-end encrypted",
  openHint: "The server of this meeting can see and hear it.",
  openSigns: "The server of this meeting can see and hear it. See who is on the signed list, and sign who comes late",
  openMeaning:
    "The server of this meeting can see and hear it. Votes and positions are signed all the same, each by the key of the person, so that the server can make none.",
  on: "Encrypted",
  onHint: "Encrypted end to end: see who holds the keys, and the code to compare",
  notYet: "Not in the encryption yet",
  meaning:
    "Picture, sound, screens and chat are sealed in the browsers of the members below: the server passes on what it cannot read. It does see who is here, who has the floor and everything of the procedure.",
  waiting: "You have no keys yet: you see and hear nobody, and nobody you. A member who is here lets you in.",
  code: "Room code",
  codeHint: "Compare it aloud. Who reads out another code is in another meeting. It changes whenever somebody comes or goes.",
  organiser: "Organiser's fingerprint",
  organiserHint: "Compare it with your letter, once.",
  members: (n: number) => `Who holds the keys (${n})`,
  outsiders: (n: number) => `Here without keys (${n})`,
  outsidersHint: "They see and hear nobody, and are not seen or heard.",
  you: "you",
  letIn: "Let in",
  locked: "Locked: nobody is added unless the chair lets them in.",
  lock: "Lock the meeting",
  unlock: "Unlock the meeting",
  list: (n: number) => `On the signed list (${n})`,
  listHint: "The organiser lets you sign who comes late, and who may no longer take part.",
  revoke: "Revoke",
  revoked: "revoked",
  revokeTitle: (name: string) => `Revoke the invitation of ${name}?`,
  revokeText: "They leave at once, the keys of all others change, and the link opens nothing any more. Only the organiser can take that back.",
  revokeOpenText: "They leave at once, and the link opens nothing any more. Only the organiser can take that back.",
  notSigned: "It could not be signed, or the server could not be reached.",
  lateOpen: "Add somebody",
  lateTitle: "Add somebody to the meeting",
  lateAdd: "Sign and make the link",
  lateMissing: "Something is missing: a name, and what belongs to the role.",
  lateLink: (name: string) => `Link of ${name}`,
  lateOnce: "It is shown now and never again: the server does not have it whole. Send it by a way that you trust; whoever has it joins as this person.",
  changed: "What changed",
  change: ({ what, member }: Change) => `${member.name} ${happened[what]}`,
  troubles: "What did not hold",
  name: ({ name }: Member) => name,
  doubt: {
    outside: "Not in the encryption",
    mismatch: "The key does not match",
  },
};
