import type { Image } from "../../pipelines/mod.ts";

/** A picture that was taken for something else. */
export interface Mistake {
  /** What the picture is called, where that is known. */
  readonly name: string | undefined;
  readonly is: number;
  readonly taken: number;
  /** How sure the network was, from 0 to 1. */
  readonly probability: number;
  readonly image: Image<Uint8Array<ArrayBuffer>>;
}

/** A mistake whose picture is made only if it is kept. */
export interface MistakeOffer extends Omit<Mistake, "image"> {
  readonly takeImage: () => Mistake["image"];
}

/** The mistakes of an evaluation that are shown. */
export interface Mistakes {
  add(offer: MistakeOffer): void;
  /** Lists those of which the network was surest, the surest first. */
  listSurest(): readonly Mistake[];
  /** Lists those of a pair of classes of which it was surest. */
  listOf(is: number, taken: number): readonly Mistake[];
}

/** Options for {@linkcode createMistakes}. */
export interface MistakesOptions {
  /** How many of the surest are kept. */
  readonly surest?: number;
  /** How many of each pair of classes are kept. */
  readonly perPair?: number;
  /**
   * How many of pairs are kept at the most. Beyond it the rarer half of the pairs gives up its pictures: which pairs are the
   * most often confused is known at the end only, and there may be as many as the square of the classes.
   */
  readonly most?: number;
}

interface Pair {
  count: number;
  mistakes: Mistake[];
}

/** Creates a collection of no mistakes. */
export function createMistakes(
  { surest: surestCount = 12, perPair = 4, most = 2000 }: MistakesOptions = {},
): Mistakes {
  const surest: Mistake[] = [];
  const pairs = new Map<string, Pair>();
  let held = 0;
  const name = (is: number, taken: number) => `${is} ${taken}`;
  return {
    add({ takeImage, ...facts }) {
      let mistake: Mistake | undefined;
      const offer = (list: Mistake[], length: number) => {
        const isFull = list.length >= length;
        if (isFull && list.at(-1)!.probability >= facts.probability) return false;
        mistake ??= { ...facts, image: takeImage() };
        const at = list.findIndex(({ probability }) => probability < facts.probability);
        list.splice(at < 0 ? list.length : at, 0, mistake);
        if (isFull) list.pop();
        return !isFull;
      };
      offer(surest, surestCount);
      const key = name(facts.is, facts.taken);
      const pair = pairs.get(key) ?? { count: 0, mistakes: [] };
      pairs.set(key, pair);
      pair.count++;
      if (offer(pair.mistakes, perPair)) held++;
      if (held > most) held -= giveUpRarer(pairs);
    },
    listSurest: () => surest,
    listOf: (is, taken) => pairs.get(name(is, taken))?.mistakes ?? [],
  };
}

/** Has the rarer half of the pairs that have pictures give them up. Gives how many pictures that were. */
function giveUpRarer(pairs: ReadonlyMap<string, Pair>): number {
  const having = [...pairs.values()].filter(({ mistakes }) => mistakes.length > 0);
  having.sort((a, b) => a.count - b.count);
  let given = 0;
  for (const pair of having.slice(0, Math.max(1, having.length >> 1))) {
    given += pair.mistakes.length;
    pair.mistakes = [];
  }
  return given;
}
