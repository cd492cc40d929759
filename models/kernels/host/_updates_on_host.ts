// Optimizers' updates over arrays in main memory, of which WASM's heap is one. Numbers are computed in double precision and
// rounded where they are stored; but Adam's are rounded at each operation, as those of Rill's module are.
import type { Settings, UpdateAttrs, UpdateRuleName } from "../definitions/_updates.ts";

/** The arrays of a parameter and its running values, by their names. */
type Own = Readonly<Record<string, Float32Array>>;

/** Makes an update of one parameter in place, with settings of which those that are not given are NaN. */
export function updateOnHost(
  { rule, own, settings, numbered: [numbered] }: UpdateAttrs,
  arrays: readonly Float32Array[],
  gradient: Float32Array,
): void {
  const all = { ...settings, ...numbered };
  const [first] = arrays;
  if (!first) return;
  const { decay, keep } = all;
  if (decay !== undefined) gradient = gradient.map((g, i) => g + decay * first[i]!);
  if (keep !== undefined) { for (let i = 0; i < first.length; i++) first[i]! *= keep; }
  const named = Object.fromEntries(own.map((name, i) => [name, arrays[i]!]));
  UPDATES[rule](named, gradient, all);
}

/** Sums the squares of numbers. */
export function sumSquaresOnHost(x: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]! * x[i]!;
  return sum;
}

const UPDATES: Readonly<
  Record<UpdateRuleName, (own: Own, gradient: Float32Array, settings: Settings) => void>
> = {
  sgd({ parameter, momentum }, gradient, settings) {
    const { rate = NaN, rest = NaN, momentum: decay = NaN, nesterov = NaN } = settings;
    for (let i = 0; i < gradient.length; i++) {
      let step = gradient[i]!;
      if (momentum) {
        const next = momentum[i] = Math.fround(decay * momentum[i]! + rest * step);
        step = nesterov ? step + decay * next : next;
      }
      parameter![i]! -= rate * step;
    }
  },

  /** Adam (Kingma and Ba, 2015, algorithm 1) in PyTorch's order of operations. */
  adam({ parameter, m, v, vMax }, gradient, settings) {
    const f = Math.fround;
    const [beta1, beta2] = [f(settings.beta1!), f(settings.beta2!)];
    const [rest1, rest2] = [f(settings.rest1!), f(settings.rest2!)];
    const [stepSize, scale] = [f(settings.stepSize!), f(settings.scale!)];
    const epsilon = f(settings.epsilon!);
    for (let i = 0; i < gradient.length; i++) {
      const g = gradient[i]!;
      const mean = m![i] = f(f(beta1 * m![i]!) + f(rest1 * g));
      let square = v![i] = f(f(beta2 * v![i]!) + f(f(rest2 * g) * g));
      if (vMax) square = vMax[i] = Math.max(vMax[i]!, square);
      const denominator = f(f(f(Math.sqrt(square)) * scale) + epsilon);
      parameter![i]! -= f(stepSize * f(mean / denominator));
    }
  },

  rmsprop({ parameter, square, mean, momentum }, gradient, settings) {
    const { alpha = NaN, rest = NaN, epsilon = NaN, rate = NaN, momentum: decay = NaN } = settings;
    for (let i = 0; i < gradient.length; i++) {
      const g = gradient[i]!;
      let variance = square![i] = Math.fround(alpha * square![i]! + rest * g * g);
      if (mean) {
        const next = mean[i] = Math.fround(alpha * mean[i]! + rest * g);
        variance = Math.max(variance - next * next, 0);
      }
      let step = g / (Math.sqrt(variance) + epsilon);
      if (momentum) step = momentum[i] = Math.fround(decay * momentum[i]! + step);
      parameter![i]! -= rate * step;
    }
  },

  adagrad({ parameter, sum }, gradient, { rate = NaN, epsilon = NaN }) {
    for (let i = 0; i < gradient.length; i++) {
      const g = gradient[i]!;
      const next = sum![i] = Math.fround(sum![i]! + g * g);
      parameter![i]! -= rate * (g / (Math.sqrt(next) + epsilon));
    }
  },

  adadelta({ parameter, square, delta }, gradient, settings) {
    const { rho = NaN, rest = NaN, epsilon = NaN, rate = NaN } = settings;
    for (let i = 0; i < gradient.length; i++) {
      const g = gradient[i]!;
      const next = square![i] = Math.fround(rho * square![i]! + rest * g * g);
      const step = Math.sqrt(delta![i]! + epsilon) / Math.sqrt(next + epsilon) * g;
      delta![i] = rho * delta![i]! + rest * step * step;
      parameter![i]! -= rate * step;
    }
  },

  mix({ sum }, x, { kept = NaN, added = NaN }) {
    for (let i = 0; i < x.length; i++) sum![i] = kept * sum![i]! + added * x[i]!;
  },
};
