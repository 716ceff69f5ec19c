// How this person sees the room: chosen once, kept by the browser; but for who is pinned, which ends
// with the meeting.
import { keep, kept } from "./kept";
import type { Layout, SeatOrder, Wishes } from "./seating";

const LAYOUTS: readonly Layout[] = ["floor", "people", "council"];
const ORDERS: readonly SeatOrder[] = ["list", "name"];

function chosen<T extends string>(name: string, all: readonly T[]): T {
  const before = kept(name);
  return all.find((value) => value === before) ?? all[0]!;
}

export class Seeing implements Wishes {
  layout = $state(chosen("layout", LAYOUTS));
  order = $state(chosen("seat-order", ORDERS));
  pinned = $state<string>();

  see(layout: Layout): void {
    this.layout = layout;
    keep("layout", layout);
  }

  /** The next of the layouts. */
  turn(): Layout {
    this.see(LAYOUTS[(LAYOUTS.indexOf(this.layout) + 1) % LAYOUTS.length]!);
    return this.layout;
  }

  sort(order: SeatOrder): void {
    this.order = order;
    keep("seat-order", order);
  }

  /** The same again: no longer. */
  pin(participant: string): void {
    this.pinned = this.pinned === participant ? undefined : participant;
  }
}
