import { encodePng } from "../../pipelines/codecs/encode_png.ts";
import type { Image } from "../../pipelines/data/image.ts";
import { COLORS, fitText, writeDrawing, writeText } from "./_drawing.ts";
import { type SampleRange, toByteImages } from "./_image_bytes.ts";
import { encodeBase64 } from "./_base64.ts";
import { escapeText, writeElement } from "./_markup.ts";

/** How images are laid out. */
export interface GridOptions {
  /**
   * The number of images in a row.
   *
   * @default {8}
   */
  readonly columns?: number;
  /**
   * The pixels of the larger side of each image as it is shown.
   *
   * @default {96}
   */
  readonly size?: number;
  /**
   * The most images that are shown, the first ones.
   *
   * @default {32}
   */
  readonly limit?: number;
  /**
   * What is black and what is white among floats, such as `[-1, 1]` for images that were normalized with mean and standard
   * deviation 0.5.
   *
   * @default {the least and the largest of all}
   */
  readonly range?: SampleRange;
}

/** An image with what stands below it. */
export interface Tile {
  /** The image. */
  readonly image: Image;
  /** The lines below it. */
  readonly lines: readonly string[];
  /** Whether they tell of a mistake. */
  readonly isWrong?: boolean;
}

const LETTERS = 11;
const LINE = 14;
const GAP = 8;

/** Refuses a layout that can't be. */
export function checkGrid({ columns = 8, size = 96, limit = 32, range }: GridOptions): void {
  for (const [name, value] of Object.entries({ columns, size, limit })) {
    if (Number.isSafeInteger(value) && value >= 1) continue;
    throw new RangeError(
      `Cannot display images with ${name} of ${value}: it must be an integer of at least 1`,
    );
  }
  if (range === undefined || range.every(Number.isFinite) && range[0] !== range[1]) return;
  throw new RangeError(
    `Cannot display images in the range from ${range[0]} to ${
      range[1]
    }: it must be two finite numbers that differ`,
  );
}

/** Draws images side by side, each with its lines below it. */
export async function drawGrid(
  tiles: readonly Tile[],
  label: string,
  { columns = 8, size = 96, range }: GridOptions,
): Promise<string> {
  const across = Math.max(1, Math.min(columns, tiles.length));
  const lines = Math.max(0, ...tiles.map((tile) => tile.lines.length));
  const cell = size + GAP;
  const tall = cell + lines * LINE;
  const images = toByteImages(tiles.map(({ image }) => image), range);
  const elements = await Promise.all(tiles.map(async (tile, i) => {
    const x = GAP + (i % across) * cell;
    const y = GAP + Math.floor(i / across) * tall;
    const picture = await drawImage(images[i]!, x, y, size);
    const color = tile.isWrong ? COLORS.wrong : COLORS.text;
    const texts = tile.lines.map((line, l) =>
      writeText(fitText(line, size, LETTERS), x + size / 2, y + size + (l + 0.9) * LINE, {
        size: LETTERS,
        anchor: "middle",
        color,
      })
    );
    // Lines that are cut off can be read whole.
    const title = writeElement("title", {}, escapeText(tile.lines.join(", ")));
    return writeElement("g", {}, ...tile.lines.length > 0 ? [title] : [], picture, ...texts);
  }));
  return writeDrawing({
    width: across * cell + GAP,
    height: Math.ceil(tiles.length / across) * tall + GAP,
    label,
    elements,
  });
}

async function drawImage(
  image: Image,
  x: number,
  y: number,
  size: number,
): Promise<string> {
  const scale = size / Math.max(image.width, image.height);
  const [width, height] = [image.width * scale, image.height * scale];
  return writeElement("image", {
    x: x + (size - width) / 2,
    y: y + (size - height) / 2,
    width,
    height,
    style: scale > 1 ? "image-rendering: pixelated" : undefined,
    href: `data:image/png;base64,${encodeBase64(await encodePng(image))}`,
  });
}
