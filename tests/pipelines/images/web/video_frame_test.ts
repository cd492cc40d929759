// Real frames are tried in Chromium, by tests/consumer/probes/video_frame.ts: Deno has none. Here are those of runtimes that can
// less than it.

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type FrameSource, readVideoFrame, toVideoFrame } from "@rill/rill/pipelines";

/** A frame of two pixels that a runtime copies as it likes. */
const frameOf = (
  format: string | null,
  copyTo: FrameSource["copyTo"],
  size = 8,
): FrameSource => ({
  format,
  visibleRect: { height: 1, width: 2 },
  allocationSize: () => size,
  copyTo,
});

Deno.test("readVideoFrame() takes RGB as it is stored", async () => {
  const options: unknown[] = [];
  const frame = frameOf("BGRX", (destination, given) => {
    destination.set([1, 2, 3, 0, 4, 5, 6, 9]);
    options.push(given);
    return Promise.resolve([{ offset: 0, stride: 8 }]);
  });
  const image = { data: Uint8Array.of(3, 2, 1, 6, 5, 4), height: 1, width: 2, channels: 3 };
  assertEquals(await readVideoFrame(frame), image);
  const { data } = await readVideoFrame(frame, { channels: 4 });
  assertEquals([...data], [3, 2, 1, 255, 6, 5, 4, 255]);
  assertEquals(options, [undefined, undefined]);
});

Deno.test("readVideoFrame() takes only what was converted for converted", async () => {
  const planes = (count: number): FrameSource["copyTo"] => (destination) => {
    destination.set([1, 2, 3, 255, 4, 5, 6, 255]);
    return Promise.resolve(Array(count).fill({ offset: 0, stride: 8 }));
  };
  const { data, channels } = await readVideoFrame(frameOf("NV12", planes(1)));
  assertEquals([channels, ...data], [3, 1, 2, 3, 4, 5, 6]);
  const unsupported: FrameSource["copyTo"] = () =>
    Promise.reject(new DOMException("no", "NotSupportedError"));
  for (
    const frame of [
      frameOf("NV12", planes(2)), // Its own planes, of the same size.
      frameOf("NV12", planes(1), 3), // Its own planes, by their size.
      frameOf("NV12", unsupported),
      frameOf(null, planes(1)),
    ]
  ) {
    // There is nothing to draw it on.
    const error = await assertRejects(() => readVideoFrame(frame), DOMException);
    assertEquals(
      [error.name, error.message],
      [
        "NotSupportedError",
        `Cannot read a VideoFrame of ${frame.format} as this runtime has no OffscreenCanvas`,
      ],
    );
  }
  const broken = new DOMException("broken", "OperationError");
  const error = await assertRejects(() =>
    readVideoFrame(frameOf("NV12", () => Promise.reject(broken)))
  );
  assertEquals(error, broken);
});

Deno.test("readVideoFrame() refuses a closed frame, and unknown channels at once", async () => {
  const frame = { ...frameOf("RGBA", () => Promise.resolve()), visibleRect: null };
  const error = await assertRejects(() => readVideoFrame(frame), DOMException, "is closed");
  assertEquals(error.name, "InvalidStateError");
  assertThrows(
    () => void readVideoFrame(frame, { channels: 2 as 1 }),
    RangeError,
    "Cannot read a VideoFrame with 2 channels",
  );
});

Deno.test("toVideoFrame() refuses invalid images and times, and a runtime without frames", () => {
  const image = { data: new Uint8Array(3), height: 1, width: 1, channels: 3 };
  assertThrows(
    () => toVideoFrame({ ...image, data: new Float32Array(3) }, { timestamp: 0 }),
    TypeError,
    "Cannot make a VideoFrame of the image as it is 1 × 1 × 3 float32",
  );
  assertThrows(() => toVideoFrame(image, { timestamp: NaN }), RangeError, "timestamp");
  assertThrows(() => toVideoFrame(image, { timestamp: 0, duration: -1 }), RangeError, "duration");
  const error = assertThrows(() => toVideoFrame(image, { timestamp: 0 }), DOMException);
  assertEquals(error.name, "NotSupportedError");
});
