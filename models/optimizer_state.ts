import type { Params } from "./params.ts";

/** What an optimiser carries from step to step. */
export interface OptimizerState {
  /** How many updates were made. */
  readonly step: number;
  /** For each of the optimiser's running values (`m` and `v` for Adam) a tensor for each parameter. */
  readonly slots: Readonly<Record<string, Params>>;
}
