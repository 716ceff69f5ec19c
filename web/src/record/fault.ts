/** Why a record does not hold: a sentence for people. */
export class Fault extends Error {}

export function demand(holds: boolean, sentence: string): asserts holds {
  if (!holds) throw new Fault(sentence);
}
