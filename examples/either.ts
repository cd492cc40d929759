/**
 * Where a caller must decide, Rill gives an `Either` and doesn't throw: building a model, and loading parameters. The
 * union is structural, so fp-ts works on it as it is, and who doesn't know fp-ts looks at `_tag`.
 *
 * Run it with: deno run --allow-read examples/either.ts
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { flow, pipe } from "fp-ts/lib/function.js";
import * as models from "@rill/rill/models";

const { conv2d, flatten, linear, maxPool2d, relu, sequential } = models;

const lenet = sequential([
  conv2d({ filters: 6, kernelSize: 5, padding: 2 }),
  relu(),
  maxPool2d({ poolSize: 2, strides: 2 }),
  conv2d({ filters: 16, kernelSize: 5 }),
  relu(),
  maxPool2d({ poolSize: 2, strides: 2 }),
  flatten(),
  linear(10),
]);

// The edge: one match, which makes text of both.
const describe = flow(
  (side: number) => models.build(lenet, [side, side, 1]),
  E.map(({ layers }) => layers.reduce((sum, { parameters }) => sum + parameters, 0)),
  E.match(
    ({ layer, message }) => `refused by layer ${layer}. ${message}`,
    (parameters) => `${parameters.toLocaleString("en")} parameters`,
  ),
);
for (const side of [28, 8]) console.log(`${side} x ${side}: ${describe(side)}`);

// Steps that can each fail, one after the other: the first error ends the chain.
const backend = await models.openBackend("wasm");
const stored = { "0.weight": { shape: [6, 1, 5, 5], data: new Float32Array(150) } };
const loaded = pipe(
  models.build(lenet, [28, 28, 1]),
  E.mapLeft(({ message }) => message),
  E.chain((network) =>
    pipe(
      models.importParams(network, stored),
      E.mapLeft(({ missing }) => `missing: ${missing.join(", ")}`),
    )
  ),
);
console.log(pipe(loaded, E.match((reason) => reason, () => "loaded")));
await backend.close();
