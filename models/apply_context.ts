import type { Key } from "./key.ts";

/** What a forward pass needs besides parameters and input. */
export interface ApplyContext {
  /** Whether layers behave as in training (dropout drops) or as in use. */
  readonly training: boolean;
  /** The key of everything random in this pass. */
  readonly key: Key;
}
