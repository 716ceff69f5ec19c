// The texts of passkeys, in English. Loaded with the pages that have some.
export const passkeys = {
  signIn: "Sign in with a passkey",
  problem: {
    stopped: "No passkey was used. Try again when you are ready.",
    known: "This device has a passkey for this account already.",
    unable: "This browser makes no passkeys here. Try another one, or another device.",
  },
  /** What the server says. */
  said: (sentence: string) => sentence,

  title: "Passkeys",
  text: "A passkey is kept by your device or a security key, and opened by its PIN, a finger or a face. The server has nothing that could be stolen. Have two of them: one may get lost.",
  none: "You have none yet.",
  name: "Name of the passkey",
  nameHint: "By which you know it again, as in “Work laptop”.",
  first: "My device",
  add: "Add a passkey",
  made: (when: string) => `added ${when}`,
  used: (when: string) => `used last ${when}`,
  neverUsed: "not used yet",
  backedUp: "with copies in an account of its maker",
  remove: "Remove",
  removeOf: (name: string) => `Remove the passkey ${name}`,
  removeTitle: (name: string) => `Remove “${name}”?`,
  removeText: "Nobody signs in with it any more. On your device you remove it separately.",

  enrolTitle: "Your passkey",
  enrolFor: (name: string) => `For the account of ${name}. Your browser asks for a PIN, a finger or a face; the passkey stays with your device or security key. With it you sign in from now on.`,
  enrolReading: "Reading your link…",
  enrolMake: "Make the passkey",
  noLink: "This link is not complete. Open it again from the message that you got, or copy all of it.",

  linkFor: (name: string) => `Link to a passkey for ${name}`,
  linkText:
    "Who opens the link adds a passkey to this account, and signs in with it from then on. It is good once, within 24 hours, and withdraws the one before.",
  linkMake: "Make the link",
  linkOnce: (when: string) => `The link is shown this once; send it by a way that you trust. It is good until ${when}.`,
};
