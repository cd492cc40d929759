import type { Image } from "../../../pipelines/mod.ts";
import { CELL, listPixels } from "./font.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A small picture of a record, of three channels. */
export interface Thumbnail {
  readonly label: number;
  readonly image: Image<Bytes>;
}

/** The side of the small pictures, in pixels. */
export const SIDE = 64;

/** The most classes on a sheet. */
export const MOST_CLASSES = 100;

const GAP = 4;
const SCALE = 2;
const LINE = CELL.height * SCALE + 2 * GAP;
const BACKGROUND = 32;
const INK = 224;

/**
 * Draws a contact sheet: below the name of each class, its pictures side by side. Of more than a hundred classes it has the
 * first.
 *
 * @param perClass How many pictures of a class there may be.
 */
export function drawContactSheet(
  classes: readonly string[],
  thumbnails: readonly Thumbnail[],
  perClass: number,
): Image<Bytes> {
  const shown = classes.slice(0, MOST_CLASSES);
  const byClass = Map.groupBy(thumbnails, ({ label }) => label);
  const longest = Math.max(0, ...shown.map((name) => [...name].length)) * CELL.width * SCALE;
  const width = Math.max(perClass * (SIDE + GAP), Math.min(longest, 8 * (SIDE + GAP))) + GAP;
  const height = shown.length * (LINE + SIDE + GAP);
  const data = new Uint8Array(3 * width * height).fill(BACKGROUND);
  const sheet: Image<Bytes> = { data, height, width, channels: 3 };
  for (const [label, name] of shown.entries()) {
    const top = label * (LINE + SIDE + GAP);
    drawText(sheet, name, top + GAP);
    for (const [i, { image }] of (byClass.get(label) ?? []).entries()) {
      // In the middle of its square.
      const left = GAP + i * (SIDE + GAP) + ((SIDE - image.width) >> 1);
      paste(sheet, image, top + LINE + ((SIDE - image.height) >> 1), left);
    }
  }
  return sheet;
}

function drawText({ data, width }: Image<Bytes>, text: string, top: number): void {
  for (const [column, row] of listPixels(text)) {
    for (let y = 0; y < SCALE; y++) {
      for (let x = 0; x < SCALE; x++) {
        const at = GAP + column * SCALE + x;
        if (at >= width) continue; // A long name is cut.
        const pixel = 3 * ((top + row * SCALE + y) * width + at);
        data.fill(INK, pixel, pixel + 3);
      }
    }
  }
}

function paste(sheet: Image<Bytes>, image: Image<Bytes>, top: number, left: number): void {
  const stride = 3 * image.width;
  for (let row = 0; row < image.height; row++) {
    sheet.data.set(
      image.data.subarray(row * stride, (row + 1) * stride),
      3 * ((top + row) * sheet.width + left),
    );
  }
}
