import type { Key } from "./key.ts";

/** What a forward pass needs besides parameters and input. */
export interface ApplyContext {
  /** Whether layers behave as in training (dropout drops) or as in use. */
  readonly training: boolean;
  /** The key of everything random in this pass. */
  readonly key: Key;
  /** How many examples of the whole batch come before the first of the input, where that is a part of it; 0 by default. */
  readonly first?: number;
}
