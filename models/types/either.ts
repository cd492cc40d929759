/** A value that is either an error (`Left`) or a result (`Right`); fp-ts's `Either`, structurally. */
export type Either<E, A> =
  | { readonly _tag: "Left"; readonly left: E }
  | { readonly _tag: "Right"; readonly right: A };
