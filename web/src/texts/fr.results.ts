// The rule of a decision and its result with the arithmetic, in French, out of the server's words
// for them (src/meet/tally.c). The words are those of the minutes in French (src/minutes/rule.c).
// What is not understood stays in English, as it was declared.
import { formatting } from "./format";

const { count } = formatting("fr");

const PROCEDURES: Record<string, { rule: string; by: string }> = {
  silence: { rule: "Accord tacite", by: "par accord tacite" },
  consensus: { rule: "Consensus", by: "par consensus" },
  unanimity: { rule: "Unanimité", by: "à l’unanimité" },
  "roll call": { rule: "Appel nominal", by: "par appel nominal" },
  "simple majority": { rule: "Majorité simple", by: "à la majorité simple" },
  "absolute majority": { rule: "Majorité absolue", by: "à la majorité absolue" },
  "qualified majority": { rule: "Majorité qualifiée", by: "à la majorité qualifiée" },
};

const BASES: Record<string, string> = {
  "seats present": "membres présents",
  "seats that take part": "membres participant au vote",
  "seats that vote yes or no": "suffrages exprimés",
  "seats that voted yes or no": "suffrages exprimés",
  "seats that vote, abstentions included": "votants, abstentions comprises",
  "seats that voted, abstentions included": "votants, abstentions comprises",
};

const SHARES: Record<string, string> = {
  all: "la totalité",
  half: "la moitié",
  "two thirds": "deux tiers",
  "three quarters": "trois quarts",
};

const base = (words: string) => BASES[words] ?? words;
const share = (words: string) => SHARES[words] ?? words.replace(" %", " %");

/** "Norway, Spain and 3 others"; a name with "and" in it is one of `known`. */
function names(words: string, known: readonly string[]): string {
  const longest = known.filter((name) => name.includes(" and ")).sort((a, b) => b.length - a.length);
  let out = words;
  longest.forEach((name, i) => (out = out.replaceAll(name, `\0${i}\0`)));
  out = out.replace(/ and (\d+) others?$/, (_, n: string) => ` et ${count(Number(n), "autre", "autres")}`);
  out = out.replaceAll(" and ", " et ");
  return out.replace(/\0(\d+)\0/g, (_, i: string) => longest[Number(i)]!);
}

type Pattern = readonly [RegExp, (m: readonly string[], known: readonly string[]) => string];

function first(patterns: readonly Pattern[], words: string, known: readonly string[]): string | undefined {
  for (const [pattern, say] of patterns) {
    const m = pattern.exec(words);
    if (m) return say(m.map((part) => part ?? ""), known);
  }
  return undefined;
}

const RULES: readonly Pattern[] = [
  [/^more than half of the (.+)$/, (m) => `plus de la moitié des ${base(m[1]!)}`],
  [
    /^more yes than no; abstentions do not count$/,
    () => "plus de voix pour que de voix contre, les abstentions n’étant pas comptées",
  ],
  [
    /^at least (.+?) of the weight of the (.+)$/,
    (m) => `au moins ${share(m[1]!)} du poids des ${base(m[2]!)}`,
  ],
  [
    /^at least (.+?) of the (.+?)(?:, and at least (.+) of their weight)?$/,
    (m) =>
      `au moins ${share(m[1]!)} des ${base(m[2]!)}` + (m[3] ? `, et au moins ${share(m[3])} de leur poids` : ""),
  ],
  [
    /^nobody blocks it, and nobody who is present is silent or awaits instructions$/,
    () => "aucun membre ne s’y oppose et aucun membre présent ne garde le silence ni n’attend d’instructions",
  ],
  [
    /^adopted at the deadline, unless a seat breaks it$/,
    () => "acquis à l’échéance si aucun membre ne rompt le silence",
  ],
  [
    /^at least one yes, and not a single no; an abstention hinders it$/,
    () => "au moins une voix pour, sans voix contre ni abstention",
  ],
  [
    /^at least one yes, and not a single no; abstentions do not hinder it$/,
    () => "au moins une voix pour et aucune voix contre, les abstentions n’y faisant pas obstacle",
  ],
];

/** "Simple majority: more yes than no; abstentions do not count. The quorum is 3. Without Spain." */
export function ruleWords(words: string, known: readonly string[]): string {
  const m = /^(.+?): (.+?)\.(?: The quorum is (\d+)\.)?(?: Without (.+)\.)?$/s.exec(words);
  const procedure = PROCEDURES[m?.[1]?.toLowerCase() ?? ""];
  const rule = m && first(RULES, m[2]!, known);
  if (!m || !procedure || rule === undefined) return words;
  return (
    `${procedure.rule} : ${rule}.` +
    (m[3] ? ` Quorum : ${m[3]}.` : "") +
    (m[4] ? ` Ne participent pas : ${names(m[4], known)}.` : "")
  );
}

const CONSENSUS: readonly Pattern[] = [
  [/^blocked by (.+)$/s, (m, known) => `s’opposent au consensus : ${names(m[1]!, known)}`],
  [/^awaiting instructions: (.+)$/s, (m, known) => `attendent des instructions : ${names(m[1]!, known)}`],
  [/^present and silent: (.+)$/s, (m, known) => `présents et silencieux : ${names(m[1]!, known)}`],
  [/^with a reservation: (.+)$/s, (m, known) => `avec une réserve : ${names(m[1]!, known)}`],
  [
    /^with a national statement: (.+)$/s,
    (m, known) => `avec une déclaration nationale : ${names(m[1]!, known)}`,
  ],
  [
    /^(\d+) (?:was|were) absent, which does not hinder$/,
    (m) => `${count(Number(m[1]), "absent", "absents")}, ce qui n’y fait pas obstacle`,
  ],
];

const votes = (yes: string, all: string, of: string) => `voix pour : ${yes} sur ${all} ${base(of)}`;

const REASONS: readonly Pattern[] = [
  [
    /^of (\d+) seats that take part, (\d+) joined((?:; .+)*)$/s,
    (m, known) =>
      `membres se joignant au consensus : ${m[2]} sur ${m[1]}` +
      m[3]!.split("; ").slice(1).map((part) => ` ; ${first(CONSENSUS, part, known) ?? part}`).join(""),
  ],
  [
    /^nobody broke it before the deadline; (\d+) of (\d+) seats that take part had confirmed receipt$/,
    (m) =>
      `l’accord tacite n’est pas rompu avant l’échéance ; accusés de réception : ${m[1]} sur ${m[2]} membres participants`,
  ],
  [/^(.+) broke it$/, (m, known) => `l’accord tacite est rompu par ${names(m[1]!, known)}`],
  [
    /^at least one yes(?:,| and) not a single no (were|and no abstention were) needed(?:, and (.+?) said no)?(?:, and (.+?) abstained)?(, and nobody said yes)?$/,
    (m, known) =>
      (m[1] === "were"
        ? "requis : au moins une voix pour et aucune voix contre"
        : "requis : au moins une voix pour, sans voix contre ni abstention") +
      (m[2] ? ` ; contre : ${names(m[2], known)}` : "") +
      (m[3] ? ` ; abstention : ${names(m[3], known)}` : "") +
      (m[4] ? " ; aucune voix pour" : ""),
  ],
  [
    /^(\d+) of (\d+) (.+) said yes, more than half \((\d+)\) was needed$/,
    (m) => `${votes(m[1]!, m[2]!, m[3]!)} ; requis : plus de la moitié (${m[4]})`,
  ],
  [
    /^(a tie, )?(\d+) yes and (\d+) no, more yes than no was needed$/,
    (m) =>
      (m[1] ? "partage égal des voix, " : "") +
      `${m[2]} pour et ${m[3]} contre ; requis : plus de voix pour que de voix contre`,
  ],
  [
    /^(\d+) of (\d+) (.+) said yes, at least (.+?) \((\d+)\) were needed(?:; they weigh (\d+) of (\d+), at least (.+?) \((\d+)\) was needed)?$/,
    (m) =>
      `${votes(m[1]!, m[2]!, m[3]!)} ; requis : au moins ${share(m[4]!)} (${m[5]})` +
      (m[6] ? ` ; leur poids : ${m[6]} sur ${m[7]} ; requis : au moins ${share(m[8]!)} (${m[9]})` : ""),
  ],
  [
    /^the seats that said yes weigh (\d+) of (\d+) \((.+)\), at least (.+?) \((\d+)\) was needed$/,
    (m) =>
      `poids des voix pour : ${m[1]} sur ${m[2]} (${base(m[3]!)}) ; requis : au moins ${share(m[4]!)} (${m[5]})`,
  ],
];

const RESULT =
  /^(Not adopted|Adopted) by ([a-z ]+): (.+?)\.(?: Of (\d+) seats that take part, (\d+) said yes, (\d+) no, (\d+) abstained and (\d+) did not vote\.)?(?: The quorum was (\d+), and (\d+) were there or had voted\.)?(?: Took no part: (.+)\.)?$/s;

/** Results without arithmetic of votes; undefined: it is none of them. */
function plainResult(words: string, known: readonly string[]): string | undefined {
  const quorum =
    /^No quorum: (\d+) of (\d+) seats that take part were there or had voted, (\d+) were needed\. Nothing is decided\.$/.exec(
      words,
    );
  if (quorum)
    return `Quorum non atteint : ${quorum[1]} des ${quorum[2]} membres participants étaient présents ou avaient voté ; requis : ${quorum[3]}. Rien n’est décidé.`;
  const broken = /^Not adopted by silence: (.+?) broke it\. The reason: (.*)$/s.exec(words);
  return broken
    ? `Non adoptée par accord tacite : le silence est rompu par ${names(broken[1]!, known)}. Motif invoqué : ${broken[2]}`
    : undefined;
}

/** The result as it was declared. `known`: the names of the meeting's seats. */
export function resultWords(words: string, known: readonly string[]): string {
  const plain = plainResult(words, known);
  if (plain !== undefined) return plain;
  const m = RESULT.exec(words);
  const procedure = PROCEDURES[m?.[2] ?? ""];
  const reason = m && first(REASONS, m[3]!, known);
  if (!m || !procedure || reason === undefined) return words; // why it was withdrawn, say
  return (
    `${m[1] === "Adopted" ? "Adoptée" : "Non adoptée"} ${procedure.by} : ${reason}.` +
    (m[4]
      ? ` Membres participant au vote : ${m[4]} ; ${m[5]} pour, ${m[6]} contre, ${count(Number(m[7]), "abstention", "abstentions")}, ${m[8]} sans vote.`
      : "") +
    (m[9] ? ` Quorum : ${m[9]} ; présents ou votants : ${m[10]}.` : "") +
    (m[11] ? ` Ne participent pas : ${names(m[11], known)}.` : "")
  );
}
