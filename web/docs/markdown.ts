// Markdown to HTML, as GitHub reads it: the same anchors, tables, and nothing of HTML but comments, which
// are left out. What a link leads to is the caller's.
import MarkdownIt from "markdown-it";

export interface Section {
  anchor: string;
  /** 1 to 6. */
  level: number;
  title: string;
  /** What stands below it, as plain text. */
  text: string;
}

/** Where a link leads; no `href`: to nothing that is served, and the words stand without a link. */
export type Target = { href: string } | { note: string };

export interface Rendered {
  html: string;
  sections: Section[];
}

type Token = ReturnType<MarkdownIt["parse"]>[number];

/** The anchor that GitHub gives a heading. `taken` counts those of the page. */
export function anchorOf(title: string, taken: Map<string, number>): string {
  const plain = title
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, "")
    .replaceAll(" ", "-");
  const before = taken.get(plain) ?? 0;
  taken.set(plain, before + 1);
  return before === 0 ? plain : `${plain}-${before}`;
}

/** What a reader sees of inline tokens. */
function plainText(tokens: Token[]): string {
  return tokens
    .map((t) => (t.type === "softbreak" || t.type === "hardbreak" ? " " : t.type === "image" ? t.content : t.children ? plainText(t.children) : /^(text|code_inline|fence|code_block)$/.test(t.type) ? t.content : ""))
    .join("");
}

const COMMENT = /^\s*<!--[\s\S]*?-->\s*$/;

/** Leaves comments out, and refuses any other HTML. */
function withoutHtml(tokens: Token[]): Token[] {
  return tokens.filter((token) => {
    if (token.children) token.children = withoutHtml(token.children);
    if (token.type !== "html_block" && token.type !== "html_inline") return true;
    if (!COMMENT.test(token.content)) throw new Error(`HTML is not rendered; put it into backticks: ${token.content.trim()}`);
    return false;
  });
}

/** Turns links of a file into what they lead to. A link to nothing becomes a span with a note. */
function relink(tokens: Token[], target: (href: string) => Target): void {
  let noted = false;
  for (const token of tokens) {
    if (token.children) relink(token.children, target);
    if (token.type === "link_open") {
      const to = target(token.attrGet("href") ?? "");
      noted = "note" in to;
      if ("href" in to) token.attrSet("href", to.href);
      else {
        token.tag = "span";
        token.attrs = [["class", "elsewhere"], ["title", to.note]];
      }
    } else if (token.type === "link_close" && noted) token.tag = "span";
  }
}

/** How a column is aligned: as a class, since the Content-Security-Policy forbids styles in place. */
function align(tokens: Token[]): void {
  for (const token of tokens) {
    const style = token.attrGet("style");
    if (style !== null) token.attrs = [["class", style.replace("text-align:", "")]];
  }
}

/** Gives every heading its anchor, and cuts the page's text at them. */
function sectionsOf(tokens: Token[]): Section[] {
  const taken = new Map<string, number>();
  const sections: Section[] = [];
  tokens.forEach((token, i) => {
    if (token.type === "heading_open") {
      const title = plainText(tokens[i + 1]!.children ?? []);
      const anchor = anchorOf(title, taken);
      token.attrSet("id", anchor);
      token.meta = { anchor, title };
      sections.push({ anchor, level: Number(token.tag.slice(1)), title, text: "" });
    } else if (tokens[i - 1]?.type !== "heading_open") {
      const last = sections.at(-1);
      const text = plainText([token]);
      if (last && text) last.text += `${text} `;
    }
  });
  return sections;
}

function renderer(): MarkdownIt {
  const md = new MarkdownIt({ html: true });
  // Wide tables and long lines scroll within themselves, by keyboard too.
  md.renderer.rules["table_open"] = () => '<div class="wide" role="region" tabindex="0" aria-label="table"><table>\n';
  md.renderer.rules["table_close"] = () => "</table></div>\n";
  md.renderer.rules["fence"] = (tokens, i) => `<pre tabindex="0"><code>${md.utils.escapeHtml(tokens[i]!.content)}</code></pre>\n`;
  md.renderer.rules["heading_close"] = (tokens, i) => {
    const open = tokens[i - 2]!;
    const { anchor, title } = open.meta as { anchor: string; title: string };
    const label = md.utils.escapeHtml(`Link to “${title}”`);
    return open.tag === "h1" ? "</h1>\n" : `<a class="anchor" href="#${anchor}" aria-label="${label}">#</a></${open.tag}>\n`;
  };
  return md;
}

export function render(text: string, target: (href: string) => Target): Rendered {
  const md = renderer();
  const tokens = withoutHtml(md.parse(text, {}));
  const sections = sectionsOf(tokens);
  relink(tokens, target);
  align(tokens);
  return { html: md.renderer.render(tokens, md.options, {}), sections };
}

/** The sections of these titles, under a title of their own. Throws where one is not there. */
export function cut(text: string, title: string, sections: string[]): string {
  const parts = text.split(/^(?=## )/m);
  const found = sections.map((wanted) => {
    const part = parts.find((p) => p.startsWith(`## ${wanted}\n`));
    if (part === undefined) throw new Error(`there is no section “${wanted}”`);
    return part;
  });
  return `# ${title}\n\n${found.join("")}`;
}
