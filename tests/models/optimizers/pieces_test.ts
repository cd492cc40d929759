import { pipe } from "fp-ts/lib/function.js";
import { assertEquals, assertThrows } from "@std/assert";
import * as rill from "@rill/rill/models";
import { matchesPattern } from "../../../models/types/_names.ts";

const NAMES = ["conv1.weight", "conv1.bias", "bn.weight", "bn.bias", "fc.weight", "fc.bias"];

Deno.test("pieces set fields of an optimizer, in any order, and leave the one given alone", () => {
  const plain = rill.adam();
  const whole = pipe(
    plain,
    rill.averaged(0.99),
    rill.frozen("conv1.*"),
    rill.byName([{ names: ["*bias", "bn.*"], weightDecay: 0, learningRate: 2 }]),
    rill.accumulate(4),
    rill.clipByGlobalNorm(1),
    rill.weightDecay(0.1),
  );
  assertEquals(whole, {
    ...plain,
    average: { decay: 0.99 },
    frozen: ["conv1.*"],
    groups: [{ names: ["*bias", "bn.*"], weightDecay: 0, learningRate: 2 }],
    accumulate: 4,
    clip: { norm: 1 },
    decay: { rate: 0.1, decoupled: false },
  });
  assertEquals(Object.keys(plain), ["rule", "learningRate", "groups"]);
});

Deno.test("a field that is set twice is an error that says what it was", () => {
  const groups = [{ names: ["*"], learningRate: 2 }];
  const pieces: [string, (optimizer: rill.Optimizer) => rill.Optimizer, string][] = [
    ["decay", rill.weightDecay(0.5, { decoupled: true }), '{"rate":0.5,"decoupled":true}'],
    ["clip", rill.clipByValue(3), '{"value":3}'],
    ["accumulate", rill.accumulate(2), "2"],
    ["average", rill.averaged(0.5), '{"decay":0.5}'],
    ["groups", rill.byName(groups), JSON.stringify(groups)],
    ["frozen", rill.frozen("a", "b"), '["a","b"]'],
  ];
  for (const [field, piece, value] of pieces) {
    assertThrows(
      () => pipe(rill.sgd(), piece, piece),
      RangeError,
      `Cannot set ${field} of sgd to ${value}: it is set already, to ${value}`,
    );
  }
  assertThrows(() => pipe(rill.sgd(), rill.clipByValue(3), rill.clipByGlobalNorm(3)), RangeError);
  assertThrows(() => pipe(rill.adamw(), rill.weightDecay(0.1)), RangeError, "Cannot set decay");
  assertThrows(() => pipe(rill.adam({ weightDecay: 0 }), rill.weightDecay(0.1)), RangeError);
});

Deno.test("settings out of range are refused", () => {
  const cases: [() => unknown, string][] = [
    [() => rill.sgd({ learningRate: -1 }), "sgd with learningRate -1: it must be at least 0"],
    [() => rill.sgd({ momentum: 1 }), "sgd with momentum 1: it must be at least 0 and less than 1"],
    [() => rill.sgd({ nesterov: true }), "with Nesterov's momentum, momentum 0 and dampening 0"],
    [() => rill.sgd({ nesterov: true, momentum: 0.9, dampening: 0.1 }), "dampening 0.1"],
    [() => rill.adam({ beta1: NaN }), "adam with beta1 NaN"],
    [() => rill.adamw({ beta2: 1 }), "adamw with beta2 1"],
    [() => rill.adamw({ weightDecay: -1 }), "weightDecay with rate -1"],
    [() => rill.rmsprop({ alpha: -0.1 }), "rmsprop with alpha -0.1"],
    [() => rill.adagrad({ initialSum: -1 }), "adagrad with initialSum -1"],
    [() => rill.adadelta({ rho: 2 }), "adadelta with rho 2"],
    [() => rill.weightDecay(Infinity), "weightDecay with rate Infinity"],
    [() => rill.clipByGlobalNorm(0), "clip gradients by norm 0: it must be above 0 and finite"],
    [() => rill.clipByValue(NaN), "clip gradients by value NaN"],
    [() => rill.accumulate(0.5), "accumulate gradients of 0.5 batches"],
    [() => rill.averaged(1), "averaged with decay 1"],
    [() => rill.byName([{ names: [] }]), "a group of no names"],
    [
      () => rill.byName([{ names: ["a", "b"], weightDecay: -1 }]),
      "the group a, b with weightDecay",
    ],
    [() => rill.frozen(), "freeze parameters without names"],
  ];
  for (const [make, message] of cases) assertThrows(make, RangeError, message);
});

Deno.test("a pattern's stars stand for any characters", () => {
  for (
    const [pattern, name, fits] of [
      ["fc.weight", "fc.weight", true],
      ["fc.weight", "fc.weights", false],
      ["fc", "fc.weight", false],
      ["*", "", true],
      ["*", "fc.weight", true],
      ["*bias", "bias", true],
      ["*.bias", "bias", false],
      ["conv*", "conv.0.weight", true],
      ["*.conv*.weight", "layer2.0.conv1.weight", true],
      ["*.conv*.weight", "conv1.weight", false],
      ["a*a", "a", false],
      ["a*a", "aa", true],
      ["a*b*b", "ab", false],
      ["a.c", "abc", false],
      ["a**c", "abc", true],
    ] as const
  ) assertEquals(matchesPattern(pattern, name), fits, `${pattern} and ${name}`);
});

Deno.test("listTrained() leaves frozen parameters out, and refuses patterns that fit nothing", () => {
  const list = (...pieces: ((optimizer: rill.Optimizer) => rill.Optimizer)[]) =>
    rill.listTrained(pieces.reduce((made, piece) => piece(made), rill.sgd()), NAMES);
  assertEquals(list(), NAMES);
  assertEquals(list(rill.frozen("conv1.*", "*.bias")), ["bn.weight", "fc.weight"]);
  // The first group counts.
  const groups = [{ names: ["bn.bias"] }, { names: ["bn.*"], frozen: true }];
  assertEquals(list(rill.byName(groups), rill.frozen("conv*")), [
    "bn.bias",
    "fc.weight",
    "fc.bias",
  ]);
  assertThrows(
    () => list(rill.frozen("fc.*", "conv2.*")),
    RangeError,
    `Cannot treat parameters named conv2.* in another way: there are ${NAMES.join(", ")}`,
  );
  assertThrows(
    () => list(rill.byName([{ names: ["*.gamma", "*.beta"], weightDecay: 0 }])),
    RangeError,
    "Cannot treat parameters named *.gamma or *.beta in another way",
  );
  assertThrows(() => list(rill.frozen("*")), RangeError, "as all parameters are frozen");
});

Deno.test("a rule's slots have names of their own", () => {
  for (const slot of ["parameter", "gradient", "average", "accumulated", "a/b", ""]) {
    assertThrows(
      () =>
        rill.optimizerOf({
          name: "mine",
          settings: {},
          slots: { [slot]: 0 },
          update: (values) => values,
        }, 1),
      RangeError,
      `Cannot describe mine with a slot named "${slot}"`,
    );
  }
});
