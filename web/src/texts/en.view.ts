// Texts of how the room is seen and heard.
import type { Background, DeviceKind, Noise } from "../lib/devices.svelte";
import type { Layout, SeatOrder } from "../lib/seating";
import type { Action } from "../lib/shortcuts.svelte";
import type { Theme } from "../lib/theme.svelte";

const layouts: Record<Layout, { label: string; hint: string }> = {
  floor: { label: "Who has the floor", hint: "large, the others beside" },
  people: { label: "Everybody alike", hint: "a tile for each person" },
  council: { label: "Council", hint: "a place for each seat, absent ones too" },
};

const orders: Record<SeatOrder, string> = {
  list: "Seats in protocol order",
  name: "Seats by name",
};

const actions: Record<Action, string> = {
  microphone: "Microphone on or off",
  camera: "Camera on or off",
  hand: "Ask for the floor, or take it back",
  meeting: "Meeting panel",
  chat: "Chat",
  people: "People",
  layout: "Another view",
};

const themes: Record<Theme, string> = {
  system: "as the system has it",
  light: "light",
  dark: "dark",
};

const backgrounds: Record<Background, string> = {
  none: "As it is",
  blurred: "Blurred",
  plain: "Plain",
};

const noises: Record<Noise, string> = {
  browser: "The browser’s",
  strong: "Strong",
  off: "Off",
};

export const view = {
  title: "View",
  layouts,
  orders,
  now: (layout: Layout) => `View: ${layouts[layout].label}`,
  pin: (name: string) => `Keep ${name} large`,
  unpin: (name: string) => `Do not keep ${name} large`,
  absent: "absent",
  pasteLink: "Or paste your link here",
  pasteOpen: "Open",
  pasteWrong: "This is not a link to a meeting on this server. Copy all of it, from https to the end.",
  float: "Picture over other windows",
  floatEnd: "Picture back into the page",
  theme: "Light or dark",
  themes,
  sounds: "Sounds",
  soundsHint: "when somebody comes, and when you are wanted",
  background: "Background",
  backgrounds,
  preparing: "The background is being prepared…",
  roomAsItIs: "Show the room as it is",
  noise: "Noise suppression",
  noises,
  effectNote: (kind: DeviceKind, state: "slow" | "failed") => {
    if (kind === "microphone") return "Strong noise suppression does not work here; the browser’s own is used.";
    return state === "slow"
      ? "This device is too slow to change the background smoothly. You can show the room as it is."
      : "The background cannot be changed here, so your camera shows nothing. You can show the room as it is.";
  },
  youAreMuted: "You speak, but your microphone is off.",
  actions,
  keysTitle: "Keyboard shortcuts",
  keysText:
    "A single key each, while you are not writing. Choose a field and press another key. The space bar, held, opens the microphone while you speak.",
  keysOn: "Use keyboard shortcuts",
  keyOf: (action: string) => `Key for: ${action}`,
  keysBack: "As they were",
  keyTaken: (key: string, action: string) => `${key.toUpperCase()} did “${action}” until now; the two changed places.`,
  keyUnfit: "Only a letter or a digit can be a shortcut.",
};
