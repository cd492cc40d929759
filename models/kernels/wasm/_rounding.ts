// What relaxed SIMD leaves to the processor, and with it the last bits of all that is computed.

/** A module of one function, f(a, c), which gives a · a + c by `f32x4.relaxed_madd`. */
const MODULE = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  // (type (func (param f32 f32) (result f32))), (func (type 0)), (export "f" (func 0))
  ...[1, 7, 1, 0x60, 2, 0x7d, 0x7d, 1, 0x7d, 3, 2, 1, 0, 7, 5, 1, 1, 0x66, 0, 0],
  // Each argument in all lanes, the multiply-add, and its first lane.
  ...[10, 22, 1, 20, 0, 0x20, 0, 0xfd, 0x13, 0x20, 0, 0xfd, 0x13, 0x20, 1, 0xfd, 0x13],
  ...[0xfd, 0x85, 2, 0xfd, 0x1f, 0, 0x0b],
);

/**
 * Counts how often a multiply-add of relaxed SIMD rounds on this processor: once where it is fused, or twice. Undefined where the
 * engine has no relaxed SIMD, and so computes with plain.
 */
export function countRoundings(): 1 | 2 | undefined {
  if (!WebAssembly.validate(MODULE)) return undefined;
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(MODULE)).exports;
  // The square is 1 + 2⁻¹¹ + 2⁻²⁴, whose last part only a fused one keeps.
  const sum = (f as (a: number, c: number) => number)(1 + 2 ** -12, -(1 + 2 ** -11));
  return sum === 0 ? 2 : 1;
}
