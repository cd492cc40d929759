// The whole batch of which processes have parts, as far as it is needed to measure outputs.
import { computeBatchShare } from "../parallel/_share.ts";
import type { Communicator } from "../parallel/communicator.ts";
import { gatherTexts } from "../parallel/gather_texts.ts";
import { countElements } from "../types/_shape.ts";
import { type Field, getPart, isShaped, listFields, sliceField } from "./_batch_fields.ts";
import type { SizedBatch } from "./training_batch.ts";

type Numbers = Float32Array | Uint8Array | Int32Array;

/** The types of arrays that are exchanged as the bits they are. */
const ARRAYS = { Float32Array, Uint8Array, Int32Array } as const;

/** What is told of a field before it is exchanged: the type of its array and the shape of an example, or its values. */
type Outline =
  | {
    readonly name: string;
    readonly type: keyof typeof ARRAYS;
    readonly shape?: readonly number[];
  }
  | { readonly name: string; readonly values: readonly unknown[] };

/**
 * Gathers a batch of which each process has a part, which all have to call. Its `images` stay where they are: to send them costs
 * more than to read them, and of outputs something is measured by labels and the like. To look at them in the batch is an error.
 *
 * @returns The whole batch; the batch itself where that is whole already.
 * @throws {RangeError} If a field can't be sent, or the parts have other fields.
 */
export function gatherBatch<B extends SizedBatch>(batch: B, processes: Communicator): B {
  if (!batch.part) return batch;
  const { first, whole } = getPart(batch);
  const shares = Array.from(
    { length: processes.size },
    (_, rank) => computeBatchShare(whole, rank, processes.size).examples,
  );
  const [start, end] = shares[processes.rank]!;
  // A part without an example that counts has one that doesn't.
  const from = start < end ? start - first : 0;
  const own = listFields(batch).filter(([name]) => name !== "images")
    .map(([name, field]) => [name, sliceField(field, from, from + end - start)] as const);
  const outlines: readonly Outline[] = own.map(([name, field]) => outlineField(name, field));
  const all = gatherTexts(JSON.stringify(outlines), processes)
    .map((text): readonly Outline[] => JSON.parse(text));
  const describe = (list: readonly Outline[]) =>
    list.map((one) => "type" in one ? `${one.name} (${one.type} [${one.shape ?? ""}])` : one.name)
      .join(", ");
  const other = all.findIndex((list) => describe(list) !== describe(all[0]!));
  if (other > 0) {
    throw new RangeError(
      `Cannot gather the parts of a batch of ${whole}: that of rank ${other} has ${
        describe(all[other]!) || "no fields"
      }, and that of rank 0 ${describe(all[0]!) || "none"}`,
    );
  }
  const fields = own.map(([name, field], i) => {
    const outline = outlines[i]!;
    if (!("type" in outline)) {
      return [name, all.flatMap((list) => (list[i] as typeof outline).values)];
    }
    const data = isShaped(field) ? field.data : field;
    const { shape, type } = outline;
    const gathered = gatherArrays(
      data as Numbers,
      type,
      countElements(shape ?? []),
      shares,
      processes,
    );
    return [name, shape ? { ...field, data: gathered, shape: [whole, ...shape] } : gathered];
  });
  return Object.defineProperty(
    { ...Object.fromEntries(fields), size: whole },
    "images",
    {
      get() {
        throw new RangeError(
          "Cannot look at the images of a batch that processes have parts of: each has its own only; " +
            "give all of them whole batches where a loss or a metric does so",
        );
      },
    },
  );
}

function outlineField(name: string, field: Field): Outline {
  const data = isShaped(field) ? field.data : field;
  const type = Object.keys(ARRAYS)
    .find((type): type is keyof typeof ARRAYS =>
      data instanceof ARRAYS[type as keyof typeof ARRAYS]
    );
  if (type) return { name, type, ...isShaped(field) && { shape: field.shape.slice(1) } };
  const values = Array.from(data);
  const isPlain = (value: unknown) =>
    typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
  if (!isShaped(field) && values.every(isPlain)) return { name, values };
  throw new RangeError(
    `Cannot gather the parts of a batch with the field ${name}: ` +
      "it takes a Float32Array, an Int32Array, a Uint8Array, or a list of texts or finite numbers; give whole batches",
  );
}

/** Gathers the numbers of all processes, so many for each example: their bits, in the words that are exchanged. */
function gatherArrays(
  own: Numbers,
  type: keyof typeof ARRAYS,
  each: number,
  shares: readonly (readonly [number, number])[],
  processes: Communicator,
): Numbers {
  const bytes = own.BYTES_PER_ELEMENT * each;
  const words = shares.map(([start, end]) =>
    new Float32Array(Math.ceil((end - start) * bytes / 4))
  );
  const view = (rank: number) => new Uint8Array(words[rank]!.buffer);
  view(processes.rank).set(new Uint8Array(own.buffer, own.byteOffset, own.byteLength));
  processes.allGather([words[processes.rank]!], words.map((one) => [one]));
  const whole = new Uint8Array(shares.at(-1)![1] * bytes);
  for (const [rank, [start, end]] of shares.entries()) {
    whole.set(view(rank).subarray(0, (end - start) * bytes), start * bytes);
  }
  return new ARRAYS[type](whole.buffer);
}
