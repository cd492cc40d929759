// Finds where the windows of a convolution lie along one axis. Near an image's border some taps of the kernel fall on padding.
// They are left out rather than multiplied with zeros, which for small images saves a third of the work or more.

/** One axis of a convolution: lengths of image, kernel and output, the distance of windows, and padding before the image. */
export interface Axis {
  readonly input: number;
  readonly kernel: number;
  readonly output: number;
  readonly stride: number;
  readonly padding: number;
}

/** Neighbouring places in a result that use the same taps of a kernel. */
export interface Span {
  /** The first place, the distance between them, and how many there are. */
  readonly first: number;
  readonly step: number;
  readonly count: number;
  /** The place that the first place's first tap reads, and how much further on the next place reads. The next tap reads the next. */
  readonly source: number;
  readonly sourceStep: number;
  /** The first tap, by its place in the order in which they are packed, and how many. */
  readonly tap: number;
  readonly taps: number;
}

/** Finds the spans of a convolution's output, which reads the image. Taps are in their natural order. */
export function findOutputSpans({ input, kernel, output, stride, padding }: Axis): Span[] {
  const spans: Span[] = [];
  for (let first = 0; first < output; first++) {
    const corner = first * stride - padding;
    const tap = Math.max(0, -corner);
    const taps = Math.max(0, Math.min(kernel, input - corner) - tap);
    addSpan(spans, {
      first,
      step: 1,
      count: 1,
      source: corner + tap,
      sourceStep: stride,
      tap,
      taps,
    });
  }
  return spans;
}

/** Finds the spans of an image's gradient, which reads that of the output. Taps are in the order of `orderGradientTaps`. */
export function findInputSpans({ input, kernel, output, stride, padding }: Axis): Span[] {
  const spans: Span[] = [];
  let before = 0;
  // Pixels that are a stride apart meet the same taps, each the tap's number of strides further on.
  for (let phase = 0; phase < stride; phase++) {
    const all = Math.max(0, Math.ceil((kernel - phase) / stride));
    const start = (((phase - padding) % stride) + stride) % stride;
    for (let first = start; first < input; first += stride) {
      const window = (first + padding - phase) / stride;
      // The latest tap reads the earliest window.
      const latest = Math.min(window, all - 1);
      const taps = Math.max(0, latest - Math.max(0, window - output + 1) + 1);
      addSpan(spans, {
        first,
        step: stride,
        count: 1,
        source: window - latest,
        sourceStep: 1,
        tap: before + all - 1 - latest,
        taps,
      });
    }
    before += all;
  }
  return spans;
}

/** Orders the taps so that the windows that they belong to lie one after the other, for each phase of the stride. */
export function orderGradientTaps({ kernel, stride }: Axis): number[] {
  const taps = [];
  for (let phase = 0; phase < Math.min(stride, kernel); phase++) {
    const last = phase + Math.floor((kernel - 1 - phase) / stride) * stride;
    for (let tap = last; tap >= 0; tap -= stride) taps.push(tap);
  }
  return taps;
}

/** Taps that read inside the image for the same outputs. */
export interface TapSpan {
  readonly tap: number;
  readonly taps: number;
  /** The first output and how many. */
  readonly first: number;
  readonly count: number;
}

/** Finds the taps of a kernel, those that belong to the same outputs together. */
export function findTapSpans({ input, kernel, output, stride, padding }: Axis): TapSpan[] {
  const spans: TapSpan[] = [];
  for (let tap = 0; tap < kernel; tap++) {
    const first = Math.max(0, Math.ceil((padding - tap) / stride));
    const end = Math.min(output, Math.floor((input - 1 + padding - tap) / stride) + 1);
    const count = Math.max(0, end - first);
    const last = spans.at(-1);
    if (last && last.first === first && last.count === count) {
      spans[spans.length - 1] = { ...last, taps: last.taps + 1 };
    } else {
      spans.push({ tap, taps: 1, first, count });
    }
  }
  return spans;
}

/** Adds a span of one place, joined to the last one where it goes on in the same way. */
function addSpan(spans: Span[], next: Span): void {
  const last = spans.at(-1);
  if (
    last && last.tap === next.tap && last.taps === next.taps &&
    next.first === last.first + last.count * last.step &&
    next.source === last.source + last.count * last.sourceStep
  ) {
    spans[spans.length - 1] = { ...last, count: last.count + 1 };
  } else {
    spans.push(next);
  }
}
