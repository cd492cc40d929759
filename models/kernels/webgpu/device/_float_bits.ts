// Tests of numbers by their bits. Compilers of WGSL may assume that there is neither NaN nor infinity: they may turn
// `select(x, 0, x <= 0)` into a maximum, which leaves NaN out, or drop a comparison of a number with itself.

/** The WGSL types of numbers that come one by one or four at a time. */
export function getTypes(width: 1 | 4): {
  readonly float: string;
  readonly int: string;
  readonly uint: string;
} {
  return width === 4
    ? { float: "vec4<f32>", int: "vec4<i32>", uint: "vec4<u32>" }
    : { float: "f32", int: "i32", uint: "u32" };
}

/** Writes the WGSL of whether a number is NaN. */
export function writeIsNaN(value: string, width: 1 | 4 = 1): string {
  const { uint } = getTypes(width);
  return `((bitcast<${uint}>(${value}) & ${uint}(0x7fffffffu)) > ${uint}(0x7f800000u))`;
}

/** Writes the WGSL of whether a number is at most 0, which NaN of either sign is not: where a rectifier gives 0. */
export function writeIsAtMostZero(value: string, width: 1 | 4 = 1): string {
  const { int, uint } = getTypes(width);
  return `((bitcast<${int}>(${value}) <= ${int}(0)) & (bitcast<${uint}>(${value}) <= ${uint}(0xff800000u)))`;
}
