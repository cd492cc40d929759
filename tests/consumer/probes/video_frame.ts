import { assert, assertEquals } from "@std/assert";
import { readVideoFrame, toVideoFrame } from "@rill/rill/pipelines";

/** The compiler of this program knows no `VideoFrame`. */
interface Frame {
  readonly format: string | null;
  readonly visibleRect: { readonly height: number; readonly width: number } | null;
  allocationSize(options?: object): number;
  copyTo(destination: Uint8Array<ArrayBuffer>, options?: object): Promise<unknown>;
  close(): void;
}
const { VideoFrame } = globalThis as unknown as {
  VideoFrame: new (data: Uint8Array | OffscreenCanvas, init: object) => Frame;
};
const makeFrame = (data: Uint8Array, format: string, height: number, width: number, more = {}) =>
  new VideoFrame(data, { format, codedHeight: height, codedWidth: width, timestamp: 0, ...more });

// Images to frames and back: every alpha, and colors that premultiplying would change.
for (const channels of [1, 3, 4] as const) {
  const data = Uint8Array.from(
    { length: 256 * channels },
    (_, i) => i % 4 === 3 ? i >> 2 : i * 37,
  );
  const image = { data, height: 8, width: 32, channels };
  const frame = toVideoFrame(image, { timestamp: 40, duration: 20 }) as unknown as Frame;
  assertEquals(frame.format, channels === 4 ? "RGBA" : "RGBX");
  assertEquals(await readVideoFrame(frame, { channels }), image);
  frame.close();
  const error = await readVideoFrame(frame).catch((error) => error);
  assertEquals(error.name, "InvalidStateError");
}

// Each order of RGB, with any fourth byte.
const bytes = Uint8Array.of(10, 20, 30, 128, 200, 100, 50, 0);
for (const format of ["RGBA", "RGBX", "BGRA", "BGRX"]) {
  const rgb = format.startsWith("B")
    ? [30, 20, 10, 128, 50, 100, 200, 0]
    : [10, 20, 30, 128, 200, 100, 50, 0];
  const hasAlpha = format.endsWith("A");
  const frame = makeFrame(bytes, format, 1, 2);
  const { data, channels } = await readVideoFrame(frame);
  assertEquals([...data], hasAlpha ? rgb : rgb.filter((_, i) => i % 4 < 3));
  assertEquals(channels, hasAlpha ? 4 : 3);
  frame.close();
}

// Turned, mirrored and cropped.
const rgbx = Uint8Array.from({ length: 24 }, (_, i) => i % 4 === 3 ? 255 : (i >> 2) + 1);
const read = async (more: object) => {
  const frame = makeFrame(rgbx, "RGBX", 2, 3, more);
  const { data, height, width } = await readVideoFrame(frame, { channels: 1 });
  frame.close();
  return [height, width, ...data];
};
assertEquals(await read({}), [2, 3, 1, 2, 3, 4, 5, 6]);
assertEquals(await read({ rotation: 90 }), [3, 2, 4, 1, 5, 2, 6, 3]);
assertEquals(await read({ rotation: 270, flip: true }), [3, 2, 6, 3, 5, 2, 4, 1]);
assertEquals(await read({ visibleRect: { x: 1, y: 0, width: 2, height: 2 } }), [2, 2, 2, 3, 5, 6]);

// Luma and chroma, by the matrix that the frame names.
for (const [format, chroma] of [["I420", [90, 240]], ["NV12", [90, 240]]] as const) {
  const luma = Array<number>(16).fill(81);
  const planes = format === "I420"
    ? [...luma, ...Array<number>(4).fill(chroma[0]), ...Array<number>(4).fill(chroma[1])]
    : [...luma, ...Array.from({ length: 8 }, (_, i) => chroma[i % 2]!)];
  const colorSpace = {
    matrix: "smpte170m",
    primaries: "bt709",
    transfer: "bt709",
    fullRange: false,
  };
  const frame = makeFrame(Uint8Array.from(planes), format, 4, 4, { colorSpace });
  const { data, height, width, channels } = await readVideoFrame(frame);
  assertEquals([height, width, channels], [4, 4, 3]);
  // Studio red of BT.601.
  for (let i = 0; i < data.length; i++) {
    assert(Math.abs(data[i]! - [254, 0, 0][i % 3]!) <= 2, `${format}: ${data.join()}`);
  }
  frame.close();
}

// What a canvas shows.
const canvas = new OffscreenCanvas(4, 3);
const context = canvas.getContext("2d" as "bitmaprenderer") as unknown as {
  fillStyle: string;
  fillRect(...box: number[]): void;
};
context.fillStyle = "rgb(10 200 30)";
context.fillRect(0, 0, 4, 3);
const shown = new VideoFrame(canvas, { timestamp: 0 });
const { data } = await readVideoFrame(shown, { channels: 3 });
assertEquals([...data], Array.from({ length: 36 }, (_, i) => [10, 200, 30][i % 3]));
shown.close();
