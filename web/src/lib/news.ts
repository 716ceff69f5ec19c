// What changed in the procedure that everybody should hear of, in the order in which it happened.
// Pure: the words are those of texts.
import type {
  DecisionToClient,
  FloorToClient,
  Intervention,
  Item,
  Outcome,
  Ruling,
  SessionToClient,
} from "../gen/protocol";
import { awaits } from "./votes";

export type News =
  | { what: "session"; session: SessionToClient["session"]; reason: string | undefined }
  | { what: "item"; title: string | undefined }
  | { what: "intervention"; intervention: Intervention }
  | { what: "ruling"; ruling: Ruling }
  | { what: "called"; title: string }
  /** The own seat is called in a roll call. */
  | { what: "turn"; title: string }
  | { what: "declared"; title: string; outcome: Outcome; words: string | undefined }
  | { what: "withdrawn"; title: string };

/** The first telling of a part is no news. */
export function sessionNews(
  before: SessionToClient | undefined,
  now: SessionToClient,
  items: readonly Item[],
): News[] {
  if (!before) return [];
  const news: News[] = [];
  if (before.session !== now.session) {
    news.push({ what: "session", session: now.session, reason: now.reason });
  }
  if (before.item !== now.item) {
    news.push({ what: "item", title: items.find((i) => i.item === now.item)?.title });
  }
  return news;
}

export function floorNews(before: FloorToClient | undefined, now: FloorToClient): News[] {
  if (!before) return [];
  const read = new Set(before.interventions.map((i) => i.entry));
  const ruled = new Set(before.rulings.map((r) => r.entry));
  return [
    ...now.interventions
      .filter((i) => !read.has(i.entry))
      .map((intervention) => ({ what: "intervention" as const, intervention })),
    ...now.rulings
      .filter((r) => !ruled.has(r.entry))
      .map((ruling) => ({ what: "ruling" as const, ruling })),
  ];
}

/** A result that was not seen coming counts as news of those who were here: it has a state before. */
export function decisionNews(
  before: DecisionToClient | undefined,
  now: DecisionToClient,
  ownSeat: string | undefined,
): News[] {
  const { title } = now;
  if (now.state === "open") {
    const calledAnew = before?.state !== "open" || before.version !== now.version;
    const news: News[] = before && calledAnew ? [{ what: "called", title }] : [];
    const turn = now.turn !== undefined && awaits(now, ownSeat);
    if (before && turn && before.turn !== now.turn) news.push({ what: "turn", title });
    return news;
  }
  if (!before || before.state === now.state) return [];
  if (now.state === "withdrawn") return [{ what: "withdrawn", title }];
  if (now.outcome === undefined) return [];
  return [{ what: "declared", title, outcome: now.outcome, words: now.words }];
}

/** How loudly a toast tells it; undefined: it stands on every screen anyway. */
export function newsTone(news: News): "info" | "good" | "warning" | undefined {
  switch (news.what) {
    case "session":
      return news.session === "open" ? "good" : "warning";
    case "declared":
      return news.outcome === "adopted" ? "good" : "warning";
    case "turn":
      return "warning";
    case "intervention":
    case "ruling":
    case "withdrawn":
      return "info";
    case "item":
    case "called":
      return undefined;
  }
}
