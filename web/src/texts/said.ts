/** The shape of texts, whatever they say: what a function says in English does not bind the others. */
export type Said<T> = T extends string
  ? string
  : T extends (...given: infer Given) => infer Result
    ? (...given: Given) => Said<Result>
    : { [Key in keyof T]: Said<T[Key]> };
