/** A value of a pickle. Names of Python stay names: none is looked up, and nothing is called. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array<ArrayBuffer>
  | Tuple
  | List
  | Dictionary
  | Global
  | Built;

/** A tuple, which doesn't change. */
export class Tuple {
  constructor(readonly items: readonly PickleValue[]) {}
}

/** A list. */
export class List {
  readonly items: PickleValue[] = [];
}

/** A dictionary with its entries in order; the last of one key counts. */
export class Dictionary {
  readonly entries = new Map<PickleValue, PickleValue>();
}

/** The name of a class or function, such as `torch.FloatStorage`. */
export class Global {
  constructor(readonly name: string) {}
}

/** What a reader of a name has made of its arguments, such as the description of a tensor. */
export abstract class Built {}

/** How the names in a pickle are read: a fixed table. */
export interface PickleReaders {
  /** Tells whether a name may be in a pickle at all. */
  isKnown(name: string): boolean;
  /** Gives what a call of a known name would make of its arguments. */
  build(name: string, args: readonly PickleValue[]): PickleValue;
  /** Gives what an id stands for that points out of the pickle. */
  resolve(id: PickleValue): PickleValue;
}
