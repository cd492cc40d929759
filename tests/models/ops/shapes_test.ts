import { assertEquals } from "@std/assert";
import { type Tensor, toTensor } from "@rill/rill/models";
import * as ops from "@rill/rill/models/ops";
import { type Array64, type Case, compareTest, type Draws } from "../_float64.ts";
import { at, make, permute } from "./_reference.ts";

type Draw = (x: Array64, draws: Draws) => {
  readonly compute: (x: Tensor) => Tensor;
  readonly refer: (x: Array64) => Array64;
  readonly what?: string;
};

/** Draws an order of the dimensions. */
function drawOrder(draws: Draws, rank: number): number[] {
  const rest = Array.from({ length: rank }, (_, d) => d);
  return Array.from({ length: rank }, () => rest.splice(draws.integer(0, rest.length - 1), 1)[0]!);
}

const withShape = (x: Array64, shape: readonly number[]): Array64 => ({ shape, data: x.data });

/** Operations on one tensor of a rank from the first number to 4. */
const SHAPES: Readonly<Record<string, readonly [from: number, draw: Draw]>> = {
  reshape: [0, (x, draws) => {
    const shape = draws.choose([-1], [...x.shape, 1], [1, ...x.shape].reverse(), [-1, 1]);
    const full = shape.map((length) => length === -1 ? x.data.length : length);
    return { compute: (x) => ops.reshape(x, shape), refer: (x) => withShape(x, full) };
  }],
  transpose: [0, (x, draws) => {
    const order = drawOrder(draws, x.shape.length);
    return {
      compute: (x) => ops.transpose(x, order),
      refer: (x) => permute(x, order),
      what: `${order}`,
    };
  }],
  "transpose of all": [0, () => ({
    compute: (x) => ops.transpose(x),
    refer: (x) => permute(x, x.shape.map((_, d) => x.shape.length - 1 - d)),
  })],
  expandDims: [0, (x, draws) => {
    const axis = draws.integer(0, x.shape.length);
    return {
      compute: (x) => ops.expandDims(x, draws.choose(axis, axis - x.shape.length - 1)),
      refer: (x) => withShape(x, x.shape.toSpliced(axis, 0, 1)),
    };
  }],
  squeeze: [1, () => ({
    compute: (x) => ops.squeeze(ops.expandDims(x, 1)),
    refer: (x) => withShape(x, x.shape.filter((length) => length !== 1)),
  })],
  "squeeze of an axis": [1, () => ({
    compute: (x) => ops.squeeze(ops.expandDims(x, -1), -1),
    refer: (x) => x,
  })],
  broadcastTo: [0, (x, draws) => {
    const shape = [
      ...draws.choose([], [2], [1, 3]),
      ...x.shape.map((length) => length === 1 ? draws.integer(1, 3) : length),
    ];
    return {
      compute: (x) => ops.broadcastTo(x, shape),
      refer: (x) =>
        make(shape, (place) =>
          at(
            x,
            place.slice(shape.length - x.shape.length)
              .map((p, d) => x.shape[d] === 1 ? 0 : p),
          )),
      what: `${shape}`,
    };
  }],
  tile: [1, (x, draws) => {
    const repeats = x.shape.map(() => draws.integer(1, 3));
    return {
      compute: (x) => ops.tile(x, repeats),
      refer: (x) =>
        make(
          x.shape.map((length, d) => length * repeats[d]!),
          (place) => at(x, place.map((p, d) => p % x.shape[d]!)),
        ),
      what: `${repeats}`,
    };
  }],
  flip: [1, (x, draws) => {
    const axes = drawOrder(draws, x.shape.length).slice(0, draws.integer(1, x.shape.length));
    return {
      compute: (x) => ops.flip(x, axes.length === 1 ? axes[0]! : axes),
      refer: (x) =>
        make(
          x.shape,
          (place) => at(x, place.map((p, d) => axes.includes(d) ? x.shape[d]! - 1 - p : p)),
        ),
      what: `${axes}`,
    };
  }],
  pad: [0, (x, draws) => {
    const padding = x.shape.map(() => [draws.integer(0, 2), draws.integer(0, 2)] as const);
    const value = draws.choose(0, 1.5, -2);
    return {
      compute: (x) => ops.pad(x, padding, value),
      refer: (x) =>
        make(x.shape.map((length, d) => length + padding[d]![0] + padding[d]![1]), (place) => {
          const own = place.map((p, d) => p - padding[d]![0]);
          return own.every((p, d) => p >= 0 && p < x.shape[d]!) ? at(x, own) : value;
        }),
      what: JSON.stringify(padding),
    };
  }],
  slice: [1, (x, draws) => {
    const strides = x.shape.map(() => draws.choose(1, 1, 2, 3));
    const begin = x.shape.map((length) => draws.integer(0, length - 1));
    const end = x.shape.map((length, d) => draws.integer(begin[d]! + 1, length));
    const isPlain = draws.choose(true, false);
    const options = isPlain ? {} : { strides };
    // The same places from the end.
    const given = begin.map((p, d) => draws.choose(p, p - x.shape[d]!));
    return {
      compute: (x) => ops.slice(x, given, end, options),
      refer: (x) =>
        make(
          begin.map((first, d) => Math.ceil((end[d]! - first) / (isPlain ? 1 : strides[d]!))),
          (place) => at(x, place.map((p, d) => begin[d]! + p * (isPlain ? 1 : strides[d]!))),
        ),
      what: `${begin} to ${end} by ${isPlain ? 1 : strides}`,
    };
  }],
  "part of split": [1, (x, draws) => {
    const axis = draws.integer(0, x.shape.length - 1);
    const length = x.shape[axis]!;
    const first = draws.integer(0, length);
    const part = first < length ? draws.choose(0, 1) : 0;
    return {
      compute: (x) => ops.split(x, [first, length - first], axis)[part]!,
      refer: (x) =>
        make(
          x.shape.with(axis, part === 0 ? first : length - first),
          (place) => at(x, place.with(axis, place[axis]! + part * first)),
        ),
      what: `${first} of axis ${axis}`,
    };
  }],
  stopGradient: [0, () => ({
    compute: (x) => ops.add(x, ops.multiply(0, ops.stopGradient(x))),
    refer: (x) => x,
  })],
};

for (const [name, [from, draw]] of Object.entries(SHAPES)) {
  compareTest({
    name,
    draw: (draws): Case => {
      const x = draws.values(draws.shape(draws.integer(from, 4)));
      const { compute, refer, what } = draw(x, draws);
      return {
        inputs: { x },
        compute: ({ x }) => compute(x!),
        refer: ({ x }) => refer(x!),
        ...what === undefined ? {} : { what },
      };
    },
  });
}

compareTest({
  name: "concat",
  draw: (draws) => {
    const shape = draws.shape(draws.integer(1, 4));
    const axis = draws.integer(0, shape.length - 1);
    const lengths = Array.from({ length: draws.integer(1, 3) }, () => draws.integer(0, 3));
    lengths.push(1);
    return {
      inputs: Object.fromEntries(
        lengths.map((length, i) => [`x${i}`, draws.values(shape.with(axis, length))]),
      ),
      compute: (inputs) =>
        ops.concat(Object.values(inputs), draws.choose(axis, axis - shape.length)),
      refer: (inputs) =>
        make(shape.with(axis, lengths.reduce((a, b) => a + b, 0)), (place) => {
          let p = place[axis]!;
          let i = 0;
          while (p >= lengths[i]!) p -= lengths[i++]!;
          return at(inputs[`x${i}`]!, place.with(axis, p));
        }),
      what: `axis ${axis}`,
    };
  },
});

compareTest({
  name: "stack",
  draw: (draws) => {
    const shape = draws.shape(draws.integer(0, 3));
    const axis = draws.integer(0, shape.length);
    const count = draws.integer(1, 3);
    return {
      inputs: Object.fromEntries(
        Array.from({ length: count }, (_, i) => [`x${i}`, draws.values(shape)]),
      ),
      compute: (inputs) => ops.stack(Object.values(inputs), axis),
      refer: (inputs) =>
        make(
          shape.toSpliced(axis, 0, count),
          (place) => at(inputs[`x${place[axis]}`]!, place.toSpliced(axis, 1)),
        ),
      what: `axis ${axis}`,
    };
  },
});

compareTest({
  name: "gather",
  draw: (draws) => {
    const x = draws.values(draws.shape(draws.integer(1, 3)));
    const axis = draws.integer(0, x.shape.length - 1);
    const shape = draws.shape(draws.integer(0, 2)).map((length) => Math.min(length, 4));
    const places = Int32Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      () => draws.integer(0, x.shape[axis]! - 1),
    );
    return {
      inputs: { x },
      compute: ({ x }) => ops.gather(x!, toTensor(places, shape), axis),
      refer: ({ x }) =>
        make([...x!.shape.slice(0, axis), ...shape, ...x!.shape.slice(axis + 1)], (place) => {
          const i = place.slice(axis, axis + shape.length)
            .reduce((flat, p, d) => flat * shape[d]! + p, 0);
          return at(x!, place.toSpliced(axis, shape.length, places[i]!));
        }),
      what: `axis ${axis}, ${places.length} places`,
    };
  },
});

compareTest({
  name: "oneHot",
  differentiable: false,
  draw: (draws) => {
    const depth = draws.integer(1, 6);
    const labels = Int32Array.from({ length: draws.integer(1, 9) }, () => draws.integer(-1, depth));
    return {
      inputs: {},
      compute: () => ops.oneHot(toTensor(labels, [labels.length]), depth),
      refer: () => make([labels.length, depth], ([i, j]) => labels[i!] === j ? 1 : 0),
    };
  },
});

compareTest({
  name: "shapes of integers and of conditions",
  differentiable: false,
  draw: (draws) => {
    const shape = draws.shape(3);
    const integers = Int32Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      () => draws.integer(-9, 9),
    );
    return {
      inputs: {},
      compute: () => {
        const x = toTensor(integers, shape);
        const y = ops.concat([ops.flip(x, 1), ops.tile(x, [1, 2, 1])], 1);
        const signs = ops.transpose(ops.greater(y, 0), [2, 0, 1]);
        assertEquals([y.dtype, signs.dtype], ["int32", "bool"]);
        return ops.gather(signs, toTensor(Int32Array.of(0), [1]), 0);
      },
      refer: () =>
        make([1, shape[0]!, 3 * shape[1]!], ([, i, j]) => {
          const column = j! < shape[1]! ? shape[1]! - 1 - j! : j! % shape[1]!;
          return integers[(i! * shape[1]! + column) * shape[2]!]! > 0 ? 1 : 0;
        }),
    };
  },
});
