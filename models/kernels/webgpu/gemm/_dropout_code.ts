import type { DropoutAttrs } from "../../definitions/_kernel_names.ts";
import { computeDropoutThreshold } from "../../host/_host_kernels.ts";
import type { Setting } from "../device/_dispatch.ts";

/** Threefry-2x32 with 20 rounds, word for word that of `models/random/_threefry.ts`. */
const THREEFRY = `
fn rotate(x : u32, by : u32) -> u32 { return (x << by) | (x >> (32u - by)); }
fn threefry(k0 : u32, k1 : u32, c0 : u32, c1 : u32) -> vec2<u32> {
  var key = array<u32, 3>(k0, k1, k0 ^ k1 ^ 0x1BD11BDAu);
  var turn = array<u32, 8>(13u, 15u, 26u, 6u, 17u, 29u, 16u, 24u);
  var x = vec2<u32>(c0 + k0, c1 + k1);
  for (var block = 0u; block < 5u; block = block + 1u) {
    for (var round = 0u; round < 4u; round = round + 1u) {
      x.x = x.x + x.y;
      x.y = rotate(x.y, turn[(block % 2u) * 4u + round]) ^ x.x;
    }
    x.x = x.x + key[(block + 1u) % 3u];
    x.y = x.y + key[(block + 2u) % 3u] + block + 1u;
  }
  return x;
}`;

/** WGSL that drops a number by its place, word for word as the host does, given the settings `d` of the type `Dropout`. */
export const DROPOUT_CODE = `${THREEFRY}
struct Dropout { key0 : i32, key1 : i32, offset : i32, threshold : i32, scale : f32 }
fn dropped(value : f32, index : i32) -> f32 {
  let at = u32(index) + bitcast<u32>(d.offset);
  let words = threefry(bitcast<u32>(d.key0), bitcast<u32>(d.key1), 0u, at / 2u);
  let word = select(words.x, words.y, at % 2u == 1u) >> 8u;
  return select(value * d.scale, 0.0, word < u32(d.threshold));
}`;

/** Gives the members of `Dropout`. */
export function listDropoutSettings({ rate, key0, key1, offset = 0 }: DropoutAttrs): Setting[] {
  return [key0, key1, offset | 0, computeDropoutThreshold(rate), { float: 1 / (1 - rate) }];
}
