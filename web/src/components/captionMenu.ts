// The captions in the menu of the bar: whose are read, and how large.
import { AUTOMATIC, type Captions, SIZES } from "../lib/captions.svelte";
import { t } from "../texts";
import type { MenuGroup, MenuItem } from "./Menu.svelte";

/** `spoken`: the language that this browser makes captions in; `none`: says that there are none. */
export function captionMenu(captions: Captions, spoken: string, none: () => void): MenuGroup[] {
  const texts = t.captions;
  const { channels } = captions;
  if (channels.length === 0) {
    return [{ title: texts.title, items: [{ label: texts.on, run: none, testid: "captions-none" }] }];
  }
  const choices: MenuItem[] = channels.map((channel) => ({
    label: channel === AUTOMATIC ? texts.automatic : texts.channel(channel),
    hint: channel === AUTOMATIC ? texts.automaticHint(spoken) : texts.channelHint,
    chosen: captions.on && captions.channel === channel,
    run: () => captions.choose(channel),
    testid: `captions-${channel}`,
  }));
  const off: MenuItem = { label: texts.off, chosen: !captions.on, run: () => captions.switch(false), testid: "captions-off" };
  const sizes: MenuItem[] = SIZES.map((size) => ({
    label: texts.sizes[size],
    chosen: captions.size === size,
    run: () => captions.resize(size),
    testid: `captions-${size}`,
  }));
  return [
    { title: texts.title, items: [...choices, off] },
    { items: captions.on ? sizes : [] },
  ];
}
