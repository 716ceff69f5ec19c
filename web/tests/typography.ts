// What French typography asks of texts, found and mended in the source of fr*.ts: its strings are
// read by TypeScript's own parser, so that code between them is left alone.
//   npm run typography    mends the files in place
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

import ts from "typescript";

const NARROW = "\u202f";

export function mended(text: string): string {
  return text
    .replace(/(?<=\p{L})'/gu, "’")
    .replace(/[ \u00a0](?=[;:!?»]|%(?![a-z]))/g, NARROW)
    .replace(/«[ \u00a0]/g, `«${NARROW}`)
    .replace(/\.\.\./g, "…");
}

export interface Literal {
  /** As it stands in the source, without its quotes. */
  text: string;
  from: number;
  to: number;
}

function isText(node: ts.Node): boolean {
  if (node.parent && (ts.isCaseClause(node.parent) || ts.isImportDeclaration(node.parent))) return false;
  if (ts.isBinaryExpression(node.parent) && node.parent.operatorToken.kind === ts.SyntaxKind.EqualsEqualsEqualsToken)
    return false;
  if (ts.isCallExpression(node.parent) && node.parent.expression.getText() === "formatting") return false;
  if (ts.isLiteralTypeNode(node.parent) || ts.isPropertyAssignment(node.parent) && node.parent.name === node) return false;
  return (
    ts.isStringLiteral(node) ||
    ts.isNoSubstitutionTemplateLiteral(node) ||
    node.kind === ts.SyntaxKind.TemplateHead ||
    node.kind === ts.SyntaxKind.TemplateMiddle ||
    node.kind === ts.SyntaxKind.TemplateTail
  );
}

/** The texts in a file: its strings, and the pieces of its templates. */
export function literals(source: string): Literal[] {
  const file = ts.createSourceFile("texts.ts", source, ts.ScriptTarget.Latest, true);
  const found: Literal[] = [];
  function visit(node: ts.Node) {
    if (node !== file && isText(node)) {
      const open = node.kind === ts.SyntaxKind.TemplateHead || node.kind === ts.SyntaxKind.TemplateMiddle;
      const from = node.getStart() + 1;
      const to = node.getEnd() - (open ? "${".length : 1);
      found.push({ text: source.slice(from, to), from, to });
    }
    ts.forEachChild(node, visit);
  }
  visit(file);
  return found;
}

/** Sentences in TypeScript, with %s for what a template fills in. */
export function sentencesIn(source: string): string[] {
  const file = ts.createSourceFile("module.ts", source, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  function visit(node: ts.Node) {
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) found.push(node.text);
    if (ts.isTemplateExpression(node))
      found.push(node.head.text + node.templateSpans.map((span) => `%s${span.literal.text}`).join(""));
    ts.forEachChild(node, visit);
  }
  visit(file);
  return found.filter((text) => /^[A-Z].* .*\.$/s.test(text));
}

export const FOLDER = new URL("../src/texts/", import.meta.url);

/** The files of a language, by name. */
export function filesOf(language: string): { name: string; source: string }[] {
  return readdirSync(FOLDER)
    .filter((name) => name.startsWith(`${language}.`))
    .map((name) => ({ name, source: readFileSync(new URL(name, FOLDER), "utf8") }));
}

if (process.argv.includes("--mend"))
  for (const { name, source } of filesOf("fr")) {
    let out = source;
    for (const { text, from, to } of literals(source).reverse()) out = out.slice(0, from) + mended(text) + out.slice(to);
    if (out !== source) writeFileSync(new URL(name, FOLDER), out);
  }
