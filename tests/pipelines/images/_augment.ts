import { assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import {
  collect,
  drain,
  type Example,
  flipHorizontal,
  type Image,
  type RandomOptions,
  readIndexed,
  resumeFrom,
  StageError,
  withPosition,
  withSeed,
} from "@rill/rill/pipelines";
import { counting, range, testStage } from "../_helpers.ts";

export type Bytes = Uint8Array<ArrayBuffer>;
export type Floats = Float32Array<ArrayBuffer>;

/** An image of bytes, each unlike its neighbors; another one for another `salt`. */
export function byteImage(height: number, width: number, channels: number, salt = 0): Image<Bytes> {
  const length = height * width * channels;
  const data = Uint8Array.from(range(length), (i) => (i * 37 + salt * 11 + 3) % 251);
  return { data, height, width, channels };
}

/** An image of two channels of floats that say where each pixel is: its row and its column. */
export function places(height: number, width: number): Image<Floats> {
  const data = Float32Array.from(
    range(2 * height * width),
    (i) => i % 2 === 0 ? Math.floor(i / 2 / width) : (i - 1) / 2 % width,
  );
  return { data, height, width, channels: 2 };
}

/** The rows and columns in an image cut out of {@linkcode places}, without what was filled with `-1`. */
export function boxOf({ data }: Image) {
  let [top, left, bottom, right]: [number, number, number, number] = [Infinity, Infinity, -1, -1];
  for (let i = 0; i < data.length; i += 2) {
    const row = data[i]!;
    const column = data[i + 1]!;
    if (row < 0) continue;
    if (row < top) top = row;
    if (row > bottom) bottom = row;
    if (column < left) left = column;
    if (column > right) right = column;
  }
  return { top, left, height: bottom - top + 1, width: right - left + 1 };
}

type ExampleStage = (source: AsyncIterable<Example<Bytes>>) => AsyncIterable<Example<Bytes>>;

/** Gives the results of a stage for one image, at each of the first `count` positions. */
export async function results<I extends Image, O extends Image>(
  stage: (source: AsyncIterable<{ image: I; label: number }>) => AsyncIterable<{ image: O }>,
  image: I,
  count: number,
): Promise<O[]> {
  const examples = counting(range(count).map((label) => ({ image, label })));
  return (await collect(stage(examples))).map(({ image }) => image);
}

/** The facts that {@linkcode testAugmentation} needs of a stage that changes images at random. */
export interface AugmentationCase {
  /** The stage, as in `flipHorizontal()`. */
  readonly name: string;
  readonly stage: (random: RandomOptions) => ExampleStage;
  /** The verb in its errors. */
  readonly verb: string;
  /** Images which it changes now and then. */
  readonly images: readonly Image<Bytes>[];
}

/** Registers the tests that every stage passes that changes images at random. */
export async function testAugmentation(
  { name, stage, verb, images }: AugmentationCase,
): Promise<void> {
  const random = { seed: 3, epoch: 2 };
  const examples = range(60).map((label) => ({ image: images[label % images.length]!, label }));
  const all = (random: RandomOptions) => collect(stage(random)(counting(examples)));
  const expected = await all(random);

  testStage<Example<Bytes>, Example<Bytes>>({
    name,
    stage: stage(random),
    input: examples.slice(0, 5),
    output: expected.slice(0, 5),
    pulled: (given) => given,
  });

  Deno.test(`${name} keeps the labels and the type of the images`, () => {
    for (const [i, { image, label }] of expected.entries()) {
      assertEquals([label, image.channels], [i, examples[i]!.image.channels]);
      assertEquals(image.data.length, image.height * image.width * image.channels);
      assertEquals(image.data.constructor, Uint8Array);
    }
  });

  Deno.test(`${name} does the same for the same seed and epoch, another for others`, async () => {
    assertEquals(await all(random), expected);
    assertNotEquals(await all({ ...random, seed: 4 }), expected);
    assertNotEquals(await all({ ...random, epoch: 3 }), expected);
    assertNotEquals(await all({ seed: random.epoch, epoch: random.seed }), expected);
    assertEquals(await all({ seed: 3 }), await all({ seed: 3, epoch: 0 }));
    const { MAX_SAFE_INTEGER } = Number;
    await all({ seed: MAX_SAFE_INTEGER, epoch: MAX_SAFE_INTEGER });
  });

  Deno.test(`${name} does with an example what its position says, whatever comes before`, async () => {
    const other = { ...examples[0]!, image: byteImage(30, 40, examples[0]!.image.channels, 5) };
    const changed = examples.map((example, i) => i < 50 ? other : example);
    const outputs = await collect(stage(random)(counting(changed)));
    assertEquals(outputs.slice(50), expected.slice(50));
  });

  Deno.test(`${name} goes on after any example as if it had never stopped`, async () => {
    const source = { length: 8, get: (index: number) => examples[index]! };
    const outputs = stage(random)(readIndexed()(source));
    const pairs = await collect(withPosition()(outputs));
    for (const [i, [output, position]] of pairs.entries()) {
      assertEquals(output, expected[i]);
      assertEquals(await collect(resumeFrom(position)(outputs)), expected.slice(i + 1, 8));
    }
  });

  Deno.test(`${name} without a seed draws by that of its pipeline and its place there`, async () => {
    const seeded = () => withSeed(random)(counting(examples));
    const idle = flipHorizontal({ probability: 0 });
    const first = await collect(stage({})(seeded()));
    assertEquals(await collect(stage({})(seeded())), first);
    assertNotEquals(first, expected);
    assertNotEquals(await collect(stage({})(idle(seeded()))), first);
    assertEquals(await collect(stage(random)(idle(seeded()))), expected);
    const message = `Cannot ${verb} at random without a seed`;
    assertThrows(() => stage({})(counting(examples)), RangeError, message);
  });

  Deno.test(`${name} leaves its input alone`, async () => {
    const before = structuredClone(examples);
    await all(random);
    assertEquals(examples, before);
  });

  Deno.test(`${name} names the image that it refuses and closes its source`, async () => {
    const first = images[0]!;
    // An image that does not change need not be checked; one of twenty is.
    const broken = range(20).map(() => ({ image: { ...first, height: 99 }, label: 0 }));
    const source = counting([...examples.slice(0, 2), ...broken]);
    const error = await assertRejects(() => drain(stage(random)(source)), StageError);
    const { width, channels, data } = first;
    assertEquals(
      error.message,
      `Cannot ${verb} item ${error.position}: the image is 99 × ${width} × ${channels} uint8 and has ${data.length} samples`,
    );
    assertEquals([error.stage, error.position >= 2, source.closed], [verb, true, 1]);
  });

  Deno.test(`${name} refuses an invalid seed or epoch when it is called`, () => {
    for (const bad of [-1, 0.5, NaN]) {
      const wanted = "must be an integer of at least 0";
      assertThrows(
        () => stage({ seed: bad }),
        RangeError,
        `Cannot ${verb} by seed ${bad}: the seed ${wanted}`,
      );
      assertThrows(
        () => stage({ seed: 0, epoch: bad }),
        RangeError,
        `Cannot ${verb} for epoch ${bad}: the epoch ${wanted}`,
      );
    }
  });
}
