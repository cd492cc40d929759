import { assertAlmostEquals, assertEquals } from "@std/assert";
import type { WarpMethod } from "@rill/rill/pipelines";
import {
  listUsualOperations,
  listWideOperations,
} from "../../../../pipelines/images/random/_policy.ts";
import type { ByteImage } from "../../../../pipelines/images/operations/_color_bytes.ts";
import { byteImage } from "../_augment.ts";
import { readReferences } from "../../_references.ts";

const POLICIES = { randAugment: listUsualOperations(), trivialAugment: listWideOperations() };
type Policy = keyof typeof POLICIES;

interface Listing {
  readonly magnitudes: readonly [
    policy: Policy,
    bins: number,
    height: number,
    width: number,
    operations: readonly (readonly [signed: boolean, magnitudes: string])[],
  ][];
}

const url = new URL("../../references/policies.json", import.meta.url);
const { magnitudes }: Listing = JSON.parse(await Deno.readTextFile(url));

for (const [policy, bins, height, width, operations] of magnitudes) {
  Deno.test(`${policy}() has torchvision's ${bins} magnitudes for ${height} × ${width}`, () => {
    const image = byteImage(height, width, 1);
    assertEquals(POLICIES[policy].length, operations.length);
    for (const [i, [signed, expected]] of operations.entries()) {
      const { magnitude, signed: isSigned } = POLICIES[policy][i]!;
      assertEquals(isSigned, signed);
      for (const [level, torchs] of expected.split(" ").map(Number).entries()) {
        // Up to a bit or two of single precision, which differ from processor to processor there.
        assertAlmostEquals(magnitude(level, bins, image), torchs, 3e-7 * Math.abs(torchs));
      }
    }
  });
}

for (
  const { name, function: policy, parameters, input, check } of await readReferences("policies")
) {
  const [index, level, sign, method, fill] = parameters as [
    number,
    number,
    number,
    WarpMethod,
    number,
  ];
  Deno.test(`an operation does as torchvision's: ${name}`, () => {
    const { magnitude, apply } = POLICIES[policy as Policy][index]!;
    const image = input as ByteImage;
    check(apply(image, sign * magnitude(level, 31, image), { method, fill }));
  });
}
