/*
 * Decodes a JPEG with libjpeg-turbo, in WebAssembly and without a C library: strip by strip, so that no more of the image
 * is in the module's memory than the format asks for.
 */
#include <stdint.h>
#include <stdio.h>
#define JPEG_INTERNALS
#include "jinclude.h"
#include "jpeglib.h"
#include "jerror.h"
#include "jdhuff.h"

#define EXPORT(name) __attribute__((export_name(#name)))

/*
 * Takes a message, its text and the numbers in it. `warns` is 0 for an error, which this must not return from, 1 for a
 * warning from before the first scan, and 2 for a later one.
 */
__attribute__((import_module("env"), import_name("report"))) void
report(int warns, const char *text, const int *numbers);

/* All memory is given back at once, when the next image begins: so nothing is lost where an error ends a decoding. */
extern unsigned char __heap_base;
static uintptr_t top;

void *malloc(size_t size) {
  uintptr_t from = (top + 31) & ~(uintptr_t)31;
  uintptr_t to = from + size;
  uintptr_t have = (uintptr_t)__builtin_wasm_memory_size(0) << 16;
  if (to < from || to > UINT32_MAX - 65535) return NULL;
  if (to > have && __builtin_wasm_memory_grow(0, (to - have + 65535) >> 16) == (size_t)-1) return NULL;
  top = to;
  return (void *)from;
}

void free(void *memory) { (void)memory; }

static struct jpeg_decompress_struct info;
static struct jpeg_error_mgr errors;

static void send(int warns) {
  int code = errors.msg_code;
  int known = code > 0 && code <= errors.last_jpeg_message;
  report(warns, errors.jpeg_message_table[known ? code : 0], errors.msg_parm.i);
}

static void fail(j_common_ptr common) {
  (void)common;
  send(0);
  __builtin_trap();
}

/* Whether the bytes before a marker are zeros, with which some encoders fill their data up. */
static int is_padding(const JOCTET *marker, int count) {
  /* A marker may follow any number of 0xff. */
  while (marker[-1] == 0xff) marker--;
  for (int i = 1; i <= count; i++) {
    if (marker[-i] != 0) return 0;
  }
  return 1;
}

static void warn(j_common_ptr common, int level) {
  (void)common;
  if (level >= 0) return;
  if (errors.msg_code == JWRN_EXTRANEOUS_DATA &&
      is_padding(info.src->next_input_byte, errors.msg_parm.i[0])) return;
  /* A color transform is told before the first scan, and warned of behind its header. */
  send(info.input_scan_number == 0 || errors.msg_code == JWRN_ADOBE_XFORM ? 1 : 2);
}

static void ignore(j_common_ptr common) { (void)common; }

/* How the decoders of Huffman's codes begin, in jdhuff.c and jdphuff.c. */
struct huffman_decoder {
  struct jpeg_entropy_decoder pub;
  bitread_perm_state bitstate;
};

/* Warns of bytes that were read ahead and not used when a marker was found, of which libjpeg-turbo says nothing. */
static void check_unused(int count) {
  if (count == 0 || is_padding(info.src->next_input_byte - 2, count)) return;
  errors.msg_code = JWRN_EXTRANEOUS_DATA;
  errors.msg_parm.i[0] = count;
  errors.msg_parm.i[1] = info.unread_marker;
  send(2);
}

static boolean (*read_restart_marker)(j_decompress_ptr);

static boolean check_restart(j_decompress_ptr decoder) {
  if (decoder->unread_marker != 0) {
    check_unused(decoder->marker->discarded_bytes);
    decoder->marker->discarded_bytes = 0;
  }
  return read_restart_marker(decoder);
}

static void (*finish_scan)(j_decompress_ptr);

static void check_scan(j_decompress_ptr decoder) {
  if (!decoder->arith_code) {
    int unused = ((struct huffman_decoder *)decoder->entropy)->bitstate.bits_left / 8;
    if (decoder->unread_marker != 0) check_unused(unused);
    else decoder->marker->discarded_bytes += unused;
  }
  finish_scan(decoder);
}

/* Rows that are decoded at a time, and what is written behind a row at most. */
#define ROWS 16
#define BEHIND 64
static JSAMPROW rows[ROWS];

/* What is wanted of the rows: the first one that isn't, and of each the bytes before and in the part that is. */
static JDIMENSION bottom;
static size_t before, wanted;

/* Forgets the last image, and gives room for a file of `size` bytes. */
EXPORT(open) unsigned char *open(size_t size) {
  top = (uintptr_t)&__heap_base;
  return malloc(size);
}

/* Begins to decode a file, and gives the samples of a pixel: 1 gray, 3 RGB, 4 CMYK as it is stored. */
EXPORT(begin) int begin(const unsigned char *file, size_t size) {
  info.err = jpeg_std_error(&errors);
  errors.error_exit = fail;
  errors.emit_message = warn;
  errors.output_message = ignore;
  info.input_scan_number = 0;
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, file, size);
  read_restart_marker = info.marker->read_restart_marker;
  info.marker->read_restart_marker = check_restart;
  finish_scan = info.inputctl->finish_input_pass;
  info.inputctl->finish_input_pass = check_scan;
  jpeg_read_header(&info, TRUE);
  int channels = info.num_components;
  info.out_color_space = channels == 1 ? JCS_GRAYSCALE : channels == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_start_decompress(&info);
  size_t row = (size_t)info.output_width * info.output_components;
  unsigned char *strip = malloc(row * ROWS + BEHIND);
  if (!strip) {
    errors.msg_code = JERR_OUT_OF_MEMORY;
    errors.msg_parm.i[0] = 0;
    fail((j_common_ptr)&info);
  }
  for (int i = 0; i < ROWS; i++) rows[i] = strip + i * row;
  bottom = info.output_height;
  before = 0;
  wanted = row;
  return info.output_components;
}

/*
 * Limits what is decoded, before the first row, to a region of the image: the same samples as those of the whole. What is
 * above it is only parsed, and what is below it isn't touched, unless the file is in several scans.
 */
EXPORT(crop) void crop(JDIMENSION top, JDIMENSION left, JDIMENSION height, JDIMENSION width) {
  /*
   * Upsampling looks at the samples next to it, and takes the first and the last one of a row for two; smoothing, of files
   * whose last scans are missing, at two more blocks to the left.
   */
  JDIMENSION margin = info.max_h_samp_factor * (info.progressive_mode ? 3 * DCTSIZE : 2);
  JDIMENSION from = left > margin ? left - margin : 0;
  JDIMENSION right = left + width + 2 * info.max_h_samp_factor;
  JDIMENSION columns = (right < info.output_width ? right : info.output_width) - from;
  jpeg_crop_scanline(&info, &from, &columns);
  size_t row = (size_t)columns * info.output_components;
  for (int i = 0; i < ROWS; i++) rows[i] = rows[0] + i * row;
  jpeg_skip_scanlines(&info, top);
  bottom = top + height;
  before = (size_t)(left - from) * info.output_components;
  wanted = (size_t)width * info.output_components;
}

EXPORT(width) int width(void) { return info.output_width; }

EXPORT(height) int height(void) { return info.output_height; }

EXPORT(strip) unsigned char *strip(void) { return rows[0]; }

/* Decodes the next rows into the strip, and says how many. */
EXPORT(read) int read_rows(void) {
  int most = bottom - info.output_scanline < ROWS ? bottom - info.output_scanline : ROWS;
  int count = 0;
  while (count < most) count += jpeg_read_scanlines(&info, rows + count, most - count);
  if (rows[0] + wanted == rows[1]) return count;
  for (int i = 0; i < count; i++) memmove(rows[0] + i * wanted, rows[i] + before, wanted);
  return count;
}

/* Reads what is behind the last row. */
EXPORT(end) void end(void) {
  if (info.output_scanline == info.output_height) jpeg_finish_decompress(&info);
}

/* What libjpeg-turbo mentions and never calls here: messages are put together outside, and files aren't read. */
FILE *const stderr;
int fprintf(FILE *file, const char *format, ...) { (void)file; (void)format; __builtin_trap(); }
int snprintf(char *text, size_t size, const char *format, ...) {
  (void)text; (void)size; (void)format;
  __builtin_trap();
}
size_t fread(void *to, size_t size, size_t count, FILE *file) {
  (void)to; (void)size; (void)count; (void)file;
  __builtin_trap();
}
void exit(int code) { (void)code; __builtin_trap(); }
