import type { Adapter } from "../device/_adapter.ts";
import { fits, type GemmParameters, type Room } from "../gemm/_gemm_parameters.ts";
import type { TunedSet } from "../gemm/_tuning.ts";

/** The version of what is stored: it counts up when parameters, or the classes they are chosen by, change their meaning. */
export const TUNING_FORMAT = 1;

/** The sets that were found for all adapters, as they are stored. */
export interface StoredTuning {
  readonly format: number;
  /** By an adapter's identity, the sets that were found for it, by the class of products. */
  readonly adapters: Readonly<Record<string, Readonly<Record<string, TunedSet>>>>;
}

/** Gives the text that tells an adapter from others, as far as WebGPU describes it. */
export const identifyAdapter = ({ vendor, architecture, device, description }: Adapter["info"]) =>
  [vendor, architecture, device, description].join(" / ");

/** Reads the part of a stored tuning that is for an adapter, or the reason why it cannot be used. */
export function readStoredTuning(
  stored: unknown,
  identity: string,
  room: Room,
): { readonly tuned: ReadonlyMap<string, TunedSet> } | { readonly ignored: string } {
  if (!isRecord(stored)) return { ignored: "it is not a JSON object" };
  if (stored.format !== TUNING_FORMAT) {
    return { ignored: `it is of format ${JSON.stringify(stored.format)}, not ${TUNING_FORMAT}` };
  }
  if (!isRecord(stored.adapters)) return { ignored: "it lacks the adapters" };
  if (!Object.hasOwn(stored.adapters, identity)) return { tuned: new Map() };
  const entries = stored.adapters[identity];
  if (!isRecord(entries)) return { ignored: "its sets for this adapter are not a JSON object" };
  const tuned = new Map<string, TunedSet>();
  for (const [key, value] of Object.entries(entries)) {
    const set = readSet(value);
    if (!set) return { ignored: `its set for "${key}" is invalid` };
    if (!fits(set.parameters, room)) {
      return { ignored: `its set for "${key}" is beyond the adapter's limits` };
    }
    tuned.set(key, set);
  }
  return { tuned };
}

/**
 * Adds to a stored tuning the sets that were found for some classes of products on one adapter; where none was faster than
 * the usual ones, none is stored. A tuning of another format is replaced.
 */
export function addToStoredTuning(
  stored: unknown,
  identity: string,
  found: ReadonlyMap<string, TunedSet | undefined>,
): StoredTuning {
  const usable = isRecord(stored) && stored.format === TUNING_FORMAT && isRecord(stored.adapters);
  const adapters = usable ? stored.adapters as StoredTuning["adapters"] : {};
  const before: unknown = Object.hasOwn(adapters, identity) ? adapters[identity] : {};
  const entries = Object.entries(isRecord(before) ? before as Record<string, TunedSet> : {}).filter(
    ([key]) => !found.has(key),
  );
  const faster = [...found].flatMap(([key, set]) => set ? [[key, set] as const] : []);
  return {
    format: TUNING_FORMAT,
    adapters: { ...adapters, [identity]: Object.fromEntries([...entries, ...faster]) },
  };
}

function readSet(value: unknown): TunedSet | undefined {
  if (!isRecord(value) || !isRecord(value.parameters)) return undefined;
  const { groups } = value;
  const { threads, block, depth, operands, vector, prefetch = false } = value.parameters;
  const isRight = isPair(threads) && isPair(block) && isCount(depth) && isCount(groups) &&
    (operands === "shared" || operands === "global" || operands === "subgroup") &&
    (vector === 1 || vector === 2 || vector === 4) && typeof prefetch === "boolean";
  if (!isRight) return undefined;
  const parameters: GemmParameters = {
    threads,
    block,
    depth,
    operands,
    vector,
    prefetch,
    speed: 1,
  };
  return { parameters, groups };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

// No program has more of anything than this: a damaged file shall not give one that takes minutes to compile.
const isCount = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 4096;

const isPair = (value: unknown): value is [number, number] =>
  Array.isArray(value) && value.length === 2 && value.every(isCount);
