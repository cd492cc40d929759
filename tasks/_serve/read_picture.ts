import { ImageError, readImageHeader } from "../../pipelines/codecs/read_image_header.ts";
import { formatError } from "../_cli/errors.ts";
import { describeBad } from "../_data/prepare/bad_records.ts";
import { type BodyLimits, readBody } from "../_http/read_body.ts";
import { RequestError } from "../_http/respond.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Bounds of a request with a picture. */
export interface PictureLimits {
  readonly body: BodyLimits;
  /** The most pixels of the picture. */
  readonly pixels: number;
}

/**
 * Reads the picture of a request: its body, whatever type that says it has, or the one file of a form. Nothing is decoded.
 *
 * @throws {RequestError} If there is none, or it is larger than it may be.
 */
export async function readPicture(request: Request, limits: PictureLimits): Promise<Bytes> {
  const body = await readBody(request, limits.body);
  const type = request.headers.get("content-type") ?? "";
  const bytes = /^multipart\/form-data\b/i.test(type) ? await readForm(body, type) : body;
  if (bytes.length === 0) {
    throw new RequestError(400, "Cannot predict without a picture: send one as the request's body");
  }
  checkHeader(bytes, limits.pixels);
  return bytes;
}

/** Reads the file of a form. */
async function readForm(body: Bytes, type: string): Promise<Bytes> {
  const form = await new Response(body, { headers: { "content-type": type } }).formData()
    .catch(() => {
      throw new RequestError(400, "Cannot predict the picture of a form that is broken");
    });
  const files = [...form.values()].filter((value) => value instanceof File);
  const [file] = files;
  if (file && files.length === 1) return await file.bytes();
  throw new RequestError(
    400,
    `Cannot predict the ${files.length} files of a form: it must have one`,
  );
}

/** Refuses by its first bytes what is no picture, or has more pixels than it may have. */
function checkHeader(bytes: Bytes, pixels: number): void {
  try {
    const { height, width } = readImageHeader(bytes);
    if (height * width <= pixels) return;
    const found = `${width} x ${height} pixels`;
    throw new RequestError(
      422,
      `Cannot predict the picture as it has ${found}: there may be ${
        pixels.toLocaleString("en-US")
      }`,
    );
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    throw refusePicture(error, error.format === undefined ? 415 : 422);
  }
}

/** Makes the error of a picture that can't be decoded. */
export const refusePicture = (error: unknown, status = 422): RequestError =>
  new RequestError(status, `Cannot predict the picture as ${formatError(describeBad(error))}`);
