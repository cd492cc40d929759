import * as E from "fp-ts/lib/Either.js";
import { assertEquals } from "@std/assert";
import { readModel } from "../../tasks/_model/read_model.ts";

const model = {
  ...{ name: "lenet", side: 28, channels: 3, classes: 2, classNames: ["cat", "dog"] },
  ...{ mean: [0.1, 0.2, 0.3], std: 0.3, resize: "crop", orientation: "ignore" },
};

Deno.test("readModel() gives a model as it was saved, and what older runs left out", () => {
  assertEquals(readModel(model) as unknown, E.right(model));
  const old = { name: "alexnet", side: 67, deviation: 0.5 };
  const read = readModel(old);
  assertEquals(E.isRight(read) && [read.right.classes, read.right.std, read.right.resize], [
    10,
    0.5,
    "stretch",
  ]);
});

Deno.test("readModel() names the field that can't be one", () => {
  const cases: [object, string][] = [
    [{ side: "28" }, 'the side of its model is "28": it must be an integer from 1 to 1000000'],
    [{ side: 1e9 }, "the side of its model is 1000000000: it must be an integer from 1 to 1000000"],
    [{ channels: 2 }, "the channels of its model is 2: it must be 1 or 3"],
    [
      { mean: [0.1] },
      "the mean of its model is [0.1]: it must be numbers, one or one for each channel",
    ],
    [
      { std: 0 },
      "the std of its model is 0: it must be numbers above 0, one or one for each channel",
    ],
    [
      { classNames: ["cat"] },
      'the classNames of its model is ["cat"]: it must be a text for each class',
    ],
    [{ resize: null }, "the resize of its model is null: it must be stretch or crop"],
    [{ name: {} }, "the name of its model is {}: it must be a text"],
    [
      { dropout: 1 },
      "the dropout of its model is 1: it must be a number of at least 0 and below 1",
    ],
  ];
  for (const [change, fault] of cases) {
    assertEquals(readModel({ ...model, ...change }), E.left(fault));
  }
  for (const none of [null, 1, "x", []]) {
    assertEquals(readModel(none), E.left("it describes no model"));
  }
});
