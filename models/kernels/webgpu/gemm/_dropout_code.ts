/** Threefry-2x32 with 20 rounds, word for word that of `models/_threefry.ts`. */
export const THREEFRY = `
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
