// Which pages the documentation has, in the order of its navigation. A page is a file of the repository;
// links between files become links between pages.

export interface Page {
  /** From the repository's root. */
  source: string;
  /** The page is /docs/SLUG; of the first one, which is /docs, it is empty. */
  slug: string;
  /** What the navigation calls it. */
  name: string;
  /** Only these sections (headings of the second level) of the file, under a title of its own. */
  part?: { title: string; sections: string[] };
}

export interface Group {
  title: string;
  pages: Page[];
}

const doc = (slug: string, name: string): Page => ({ source: `docs/${slug}.md`, slug, name });

export const GROUPS: Group[] = [
  {
    title: "Start",
    pages: [{ source: "docs/README.md", slug: "", name: "Overview" }, doc("start", "Start"), doc("newcomer", "A newcomer's hour")],
  },
  {
    title: "In the meeting",
    pages: [doc("delegate", "Delegates"), doc("chair", "The chair"), doc("secretary", "The secretary"), doc("interpreter", "Interpreters"), doc("captioner", "Captioners"), doc("accessibility", "Accessibility")],
  },
  {
    title: "Run a server",
    pages: [doc("deploy", "Deploy"), doc("commands", "Commands and options"), doc("security", "Security"), doc("asvs", "OWASP ASVS")],
  },
  {
    title: "How far to trust it",
    pages: [doc("encryption", "Encryption"), doc("record", "The record"), doc("performance", "Performance"), doc("badnet", "Bad networks")],
  },
  {
    title: "Inside",
    pages: [
      { source: "ARCHITECTURE.md", slug: "architecture", name: "Architecture" },
      doc("protocol", "Protocol"),
      { source: "web/src/gen/protocol.md", slug: "messages", name: "Messages" },
      {
        source: "src/server/README.md",
        slug: "rest",
        name: "REST, WHIP, WHEP",
        part: { title: "REST, WHIP and WHEP", sections: ["The data folder", "REST", "WHIP and WHEP", "Traces", "Metrics"] },
      },
      doc("slots", "Slots"),
    ],
  },
];

/** Files that stand for a page which is made of them. */
export const MADE_OF: Record<string, string> = {
  "src/signal/messages.json": "web/src/gen/protocol.md",
  "src/meet/acts.json": "web/src/gen/protocol.md#acts",
};
