/*
 * libjpeg-turbo's inverse DCT, upsampling and color conversion in WebAssembly's SIMD: the same integers as its C and its
 * AVX2, in the places of simd/jsimd.h.
 */
#include <wasm_simd128.h>
#define JPEG_INTERNALS
#include "jinclude.h"
#include "jpeglib.h"
#include "jdct.h"
#include "jdsample.h"
#include "jsimd.h"
#include "jsimddct.h"

#define low16(a, b) wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define high16(a, b) wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#define low8(a, b) wasm_i8x16_shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define high8(a, b) \
  wasm_i8x16_shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#define pair(a, b) wasm_i16x8_const(a, b, a, b, a, b, a, b)
#define dot(a, b) wasm_i32x4_dot_i16x8(a, b)
#define add(a, b) wasm_i32x4_add(a, b)
#define sub(a, b) wasm_i32x4_sub(a, b)

/* jidctint.c's constants, times 2^13. */
#define F_0_298 2446
#define F_0_390 3196
#define F_0_541 4433
#define F_0_765 6270
#define F_0_899 7373
#define F_1_175 9633
#define F_1_501 12299
#define F_1_847 15137
#define F_1_961 16069
#define F_2_053 16819
#define F_2_562 20995
#define F_3_072 25172
#define ONE 8192

#define INLINE_ static inline __attribute__((always_inline))

/* Half the values of four lines: sums and differences of the even and the odd part. */
INLINE_ void butterfly(v128_t even[4], v128_t odd[4], int shift, v128_t out[8]) {
  v128_t round = wasm_i32x4_splat(1 << (shift - 1));
  for (int i = 0; i < 4; i++) {
    v128_t e = add(even[i], round);
    out[i] = wasm_i32x4_shr(add(e, odd[i]), shift);
    out[7 - i] = wasm_i32x4_shr(sub(e, odd[i]), shift);
  }
}

/* One pass over eight lines. Where `half`, lines 4 to 7 are zero. */
INLINE_ void transform(v128_t in[8], int half, int shift) {
  v128_t low[8], high[8];
  for (int part = 0; part < 2; part++) {
#define both(a, b) (part ? high16(a, b) : low16(a, b))
    v128_t even[4], odd[4];
    if (half) {
      v128_t in02 = both(in[0], in[2]);
      v128_t in13 = both(in[1], in[3]);
      even[0] = dot(in02, pair(ONE, F_0_541 + F_0_765));
      even[1] = dot(in02, pair(ONE, F_0_541));
      even[2] = dot(in02, pair(ONE, -F_0_541));
      even[3] = dot(in02, pair(ONE, -F_0_541 - F_0_765));
      odd[0] = dot(in13, pair(F_1_501 - F_0_899 + F_1_175 - F_0_390, F_1_175));
      odd[1] = dot(in13, pair(F_1_175, F_3_072 - F_2_562 + F_1_175 - F_1_961));
      odd[2] = dot(in13, pair(F_1_175 - F_0_390, F_1_175 - F_2_562));
      odd[3] = dot(in13, pair(F_1_175 - F_0_899, F_1_175 - F_1_961));
    } else {
      v128_t in04 = both(in[0], in[4]);
      v128_t in26 = both(in[2], in[6]);
      v128_t sum = dot(in04, pair(ONE, ONE));
      v128_t difference = dot(in04, pair(ONE, -ONE));
      v128_t tmp3 = dot(in26, pair(F_0_541 + F_0_765, F_0_541));
      v128_t tmp2 = dot(in26, pair(F_0_541, F_0_541 - F_1_847));
      even[0] = add(sum, tmp3);
      even[3] = sub(sum, tmp3);
      even[1] = add(difference, tmp2);
      even[2] = sub(difference, tmp2);
      v128_t z34 = both(wasm_i16x8_add(in[3], in[7]), wasm_i16x8_add(in[1], in[5]));
      v128_t z3 = dot(z34, pair(F_1_175 - F_1_961, F_1_175));
      v128_t z4 = dot(z34, pair(F_1_175, F_1_175 - F_0_390));
      v128_t in71 = both(in[7], in[1]);
      v128_t in53 = both(in[5], in[3]);
      odd[3] = add(dot(in71, pair(F_0_298 - F_0_899, -F_0_899)), z3);
      odd[0] = add(dot(in71, pair(-F_0_899, F_1_501 - F_0_899)), z4);
      odd[2] = add(dot(in53, pair(F_2_053 - F_2_562, -F_2_562)), z4);
      odd[1] = add(dot(in53, pair(-F_2_562, F_3_072 - F_2_562)), z3);
    }
    butterfly(even, odd, shift, part ? high : low);
  }
  for (int i = 0; i < 8; i++) in[i] = wasm_i16x8_narrow_i32x4(low[i], high[i]);
}

INLINE_ void transpose(v128_t a[8]) {
  v128_t b[8], c[8];
  for (int i = 0; i < 4; i++) {
    b[2 * i] = low16(a[i], a[i + 4]);
    b[2 * i + 1] = high16(a[i], a[i + 4]);
  }
  for (int i = 0; i < 4; i++) {
    c[2 * i] = low16(b[i], b[i + 4]);
    c[2 * i + 1] = high16(b[i], b[i + 4]);
  }
  for (int i = 0; i < 4; i++) {
    a[2 * i] = low16(c[i], c[i + 4]);
    a[2 * i + 1] = high16(c[i], c[i + 4]);
  }
}

void jsimd_idct_islow(j_decompress_ptr cinfo, jpeg_component_info *compptr, JCOEFPTR block,
                      JSAMPARRAY output, JDIMENSION column) {
  (void)cinfo;
  const v128_t *coefficients = (const v128_t *)block;
  const v128_t *table = (const v128_t *)compptr->dct_table;
  v128_t in[8];
  for (int i = 0; i < 8; i++) in[i] = coefficients[i];
  v128_t upper = wasm_v128_or(wasm_v128_or(in[1], in[2]), in[3]);
  v128_t lower = wasm_v128_or(wasm_v128_or(in[4], in[5]), wasm_v128_or(in[6], in[7]));
  v128_t rest = wasm_v128_or(upper, lower);
  v128_t all = wasm_v128_or(rest, in[0]);
  v128_t center = wasm_i8x16_splat(-128);
  if (!wasm_v128_any_true(rest) && !(wasm_i64x2_extract_lane(in[0], 0) >> 16) && !wasm_i64x2_extract_lane(in[0], 1)) {
    /* Only the mean. */
    int mean = (short)(block[0] * ((const short *)table)[0]);
    mean = (mean + 4) >> 3;
    mean = mean < -128 ? 0 : mean > 127 ? 255 : mean + 128;
    uint64_t line = 0x0101010101010101ull * (unsigned)mean;
    for (int i = 0; i < 8; i++) __builtin_memcpy(output[i] + column, &line, 8);
    return;
  }
  int narrow = wasm_i64x2_extract_lane(all, 1) == 0;
  if (wasm_v128_any_true(lower)) {
    for (int i = 0; i < 8; i++) in[i] = wasm_i16x8_mul(in[i], table[i]);
    transform(in, 0, 11);
  } else {
    for (int i = 0; i < 4; i++) in[i] = wasm_i16x8_mul(in[i], table[i]);
    transform(in, 1, 11);
  }
  transpose(in);
  if (narrow) transform(in, 1, 18);
  else transform(in, 0, 18);
  transpose(in);
  for (int i = 0; i < 8; i += 2) {
    v128_t two = wasm_v128_xor(wasm_i8x16_narrow_i16x8(in[i], in[i + 1]), center);
    wasm_v128_store64_lane(output[i] + column, two, 0);
    wasm_v128_store64_lane(output[i + 1] + column, two, 1);
  }
}

/* Sixteen pixels at a time; rows have room for the rest. */
void jsimd_color_deconvert(j_decompress_ptr cinfo, JSAMPIMAGE input, JDIMENSION row,
                           JSAMPARRAY output, int rows) {
  v128_t center = wasm_i8x16_splat(-128);
  v128_t green = pair(-22554, 18734);
  v128_t half = wasm_i32x4_splat(1 << 15);
  v128_t red = wasm_i16x8_splat(13173);
  v128_t blue = wasm_i16x8_splat(-7471);
  v128_t zero = wasm_i8x16_splat(0);
  int width = cinfo->output_width;
  for (; rows > 0; rows--, row++) {
    const unsigned char *ys = input[0][row], *cbs = input[1][row], *crs = input[2][row];
    unsigned char *to = *output++;
    for (int x = 0; x < width; x += 16, to += 48) {
      v128_t y = wasm_v128_load(ys + x);
      v128_t cb = wasm_v128_xor(wasm_v128_load(cbs + x), center);
      v128_t cr = wasm_v128_xor(wasm_v128_load(crs + x), center);
      v128_t r[2], g[2], b[2];
      for (int part = 0; part < 2; part++) {
        v128_t y2 = part ? wasm_u16x8_extend_high_u8x16(y) : wasm_u16x8_extend_low_u8x16(y);
        v128_t cb2 = part ? wasm_i16x8_extend_high_i8x16(cb) : wasm_i16x8_extend_low_i8x16(cb);
        v128_t cr2 = part ? wasm_i16x8_extend_high_i8x16(cr) : wasm_i16x8_extend_low_i8x16(cr);
        /* r = y + 1.402 cr, g = y - 0.34414 cb - 0.71414 cr, b = y + 1.772 cb, each rounded as by 16 bits. */
        r[part] = wasm_i16x8_add(wasm_i16x8_add(y2, cr2), wasm_i16x8_q15mulr_sat(cr2, red));
        b[part] = wasm_i16x8_add(wasm_i16x8_add(y2, wasm_i16x8_shl(cb2, 1)), wasm_i16x8_q15mulr_sat(cb2, blue));
        v128_t g0 = wasm_i32x4_shr(add(dot(low16(cb2, cr2), green), half), 16);
        v128_t g1 = wasm_i32x4_shr(add(dot(high16(cb2, cr2), green), half), 16);
        g[part] = wasm_i16x8_add(wasm_i16x8_sub(y2, cr2), wasm_i16x8_narrow_i32x4(g0, g1));
      }
      v128_t rs = wasm_u8x16_narrow_i16x8(r[0], r[1]);
      v128_t gs = wasm_u8x16_narrow_i16x8(g[0], g[1]);
      v128_t bs = wasm_u8x16_narrow_i16x8(b[0], b[1]);
      v128_t rg0 = low8(rs, gs), rg1 = high8(rs, gs), b0 = low8(bs, zero), b1 = high8(bs, zero);
      v128_t pick = wasm_i8x16_const(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
      wasm_v128_store(to, wasm_i8x16_swizzle(low16(rg0, b0), pick));
      wasm_v128_store(to + 12, wasm_i8x16_swizzle(high16(rg0, b0), pick));
      wasm_v128_store(to + 24, wasm_i8x16_swizzle(low16(rg1, b1), pick));
      wasm_v128_store(to + 36, wasm_i8x16_swizzle(high16(rg1, b1), pick));
    }
  }
}

/* Writes a line of 2 × width samples: each (3 × its own + the nearer neighbor + bias) >> shift. */
INLINE_ void spread(v128_t before, v128_t own, v128_t after, int even, int odd, int shift, unsigned char *to) {
  v128_t three = wasm_i16x8_mul(own, wasm_i16x8_splat(3));
  v128_t left = wasm_u16x8_shr(wasm_i16x8_add(wasm_i16x8_add(three, before), wasm_i16x8_splat(even)), shift);
  v128_t right = wasm_u16x8_shr(wasm_i16x8_add(wasm_i16x8_add(three, after), wasm_i16x8_splat(odd)), shift);
  wasm_v128_store(to, wasm_v128_or(left, wasm_i16x8_shl(right, 8)));
}
#define shift_in(a, b) wasm_i16x8_shuffle(a, b, 7, 8, 9, 10, 11, 12, 13, 14)
#define shift_out(a, b) wasm_i16x8_shuffle(a, b, 1, 2, 3, 4, 5, 6, 7, 8)

/* The rows have room for 64 samples more. */
INLINE_ void upsample_row(const unsigned char *own, const unsigned char *other, int width, int even, int odd, int shift, unsigned char *to) {
#define sum(x) (other ? wasm_i16x8_add(wasm_i16x8_mul(wasm_u16x8_load8x8(own + (x)), wasm_i16x8_splat(3)), \
                                       wasm_u16x8_load8x8(other + (x))) : wasm_u16x8_load8x8(own + (x)))
  v128_t here = sum(0);
  v128_t before = wasm_i16x8_splat(wasm_i16x8_extract_lane(here, 0));
  int x = 0;
  for (; x + 8 < width; x += 8) {
    v128_t next = sum(x + 8);
    spread(shift_in(before, here), here, shift_out(here, next), even, odd, shift, to + 2 * x);
    before = here;
    here = next;
  }
  /* Beyond the last sample comes the last one again: lane by lane, as the last may be anywhere. */
  short lanes[16];
  wasm_v128_store(lanes, here);
  for (int i = width - x; i < 9; i++) lanes[i] = lanes[width - x - 1];
  here = wasm_v128_load(lanes);
  spread(shift_in(before, here), here, wasm_v128_load(lanes + 1), even, odd, shift, to + 2 * x);
}

void jsimd_h2v1_fancy_upsample(j_decompress_ptr cinfo, jpeg_component_info *compptr,
                               JSAMPARRAY input, JSAMPARRAY *output) {
  for (int y = 0; y < cinfo->max_v_samp_factor; y++)
    upsample_row(input[y], 0, compptr->downsampled_width, 1, 2, 2, (*output)[y]);
}

void jsimd_h2v2_fancy_upsample(j_decompress_ptr cinfo, jpeg_component_info *compptr,
                               JSAMPARRAY input, JSAMPARRAY *output) {
  for (int y = 0; 2 * y < cinfo->max_v_samp_factor; y++) {
    upsample_row(input[y], input[y - 1], compptr->downsampled_width, 8, 7, 4, (*output)[2 * y]);
    upsample_row(input[y], input[y + 1], compptr->downsampled_width, 8, 7, 4, (*output)[2 * y + 1]);
  }
}

unsigned int jsimd_set_ycc_rgb(j_decompress_ptr cinfo) { return cinfo->out_color_space == JCS_RGB; }
unsigned int jsimd_set_h2v1_fancy_upsample(j_decompress_ptr cinfo) { (void)cinfo; return 1; }
unsigned int jsimd_set_h2v2_fancy_upsample(j_decompress_ptr cinfo) { (void)cinfo; return 1; }
unsigned int jsimd_set_idct_islow(j_decompress_ptr cinfo) { (void)cinfo; return 1; }
/* Left to the C. */
#define NONE(name) unsigned int jsimd_set_##name(j_decompress_ptr cinfo) { (void)cinfo; return 0; }
NONE(h2v1_upsample) NONE(h2v2_upsample) NONE(ycc_rgb565) NONE(idct_ifast) NONE(idct_float)
NONE(idct_2x2) NONE(idct_4x4) NONE(h2v1_merged_upsample) NONE(h2v2_merged_upsample)
