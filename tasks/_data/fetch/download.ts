import {
  getStrongEtag,
  parseContentCodings,
  parseContentLength,
  parseContentRange,
} from "../../../pipelines/http/_response_headers.ts";
import { bringTooLittle, isLasting, isTransientStatus } from "../../../pipelines/http/_retry.ts";
import { httpSource } from "../../../pipelines/http/http_source.ts";
import { DatasetError, formatCause } from "./dataset_error.ts";

/** The patience of a download. Times are in milliseconds. */
export interface Patience {
  /** The time to wait for the first answer of an address that has never answered. */
  readonly firstAnswer: number;
  /** The time to wait for more from one that has. */
  readonly stall: number;
  /** The number of attempts in a row that may bring nothing new. */
  readonly attempts: number;
  /** The pause after the first of them; it doubles with each. */
  readonly backoff: number;
}

/** The patience that gives up in seconds without a network, and stays with a bad connection for a while. */
export const defaultPatience: Patience = {
  firstAnswer: 5_000,
  stall: 30_000,
  attempts: 6,
  backoff: 500,
};

/** An address that files are downloaded from. */
export interface Address {
  /** The address of the folder. */
  readonly url: string;
  /** Whether it has ever answered: one that hasn't is not tried a second time. */
  answered: boolean;
}

/** A failure after which another attempt may succeed. */
class PassingError extends Error {}

/**
 * Downloads a file to `part`, continuing from what `part` already holds if the server can, and if nothing says that the
 * file is another one now. Whatever happens, the bytes received stay in `part` for the next time.
 *
 * @param onProgress Called with the bytes received and, if the server says so, the bytes in all.
 * @returns Whether bytes of several responses were put together. Unless the server gives a strong ETag they may be of two
 * files, as the part's that was there before may be.
 * @throws {DatasetError} If the bytes cannot be written.
 * @throws {Error} If the server cannot be reached, refuses, or fails too often in a row.
 */
export async function download(
  address: Address,
  name: string,
  part: string,
  { patience, onProgress }: {
    patience: Patience;
    onProgress: (received: number, total: number | undefined) => void;
  },
): Promise<{ readonly joined: boolean }> {
  const url = `${address.url}/${name}`;
  const transfer: Transfer = { joined: false };
  let furthest = await getSize(part);
  for (let failures = 0, responses = 1;; responses++) {
    try {
      await downloadOnce(address, url, part, transfer, patience, onProgress);
      return { joined: transfer.joined };
    } catch (error) {
      if (!(error instanceof PassingError) || !address.answered) throw error;
      const size = await getSize(part);
      failures = size > furthest ? 1 : failures + 1;
      furthest = Math.max(size, furthest);
      if (failures >= patience.attempts || bringTooLittle(responses, furthest)) throw error;
      await new Promise((resolve) => setTimeout(resolve, patience.backoff * 2 ** (failures - 1)));
    }
  }
}

/** The state of a download, over its responses. */
interface Transfer {
  /** The strong ETag of the bytes in the part, if they came with one. */
  etag?: string | undefined;
  /** Whether bytes of several responses were put together. */
  joined: boolean;
}

async function downloadOnce(
  address: Address,
  url: string,
  part: string,
  transfer: Transfer,
  patience: Patience,
  onProgress: (received: number, total: number | undefined) => void,
): Promise<void> {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const expectWithin = (time: number) => {
    clearTimeout(timer);
    timer = setTimeout(
      () => controller.abort(new PassingError(`nothing came for ${time / 1000} seconds`)),
      time,
    );
  };
  try {
    expectWithin(address.answered ? patience.stall : patience.firstAnswer);
    const have = await getSize(part);
    const response = await fetch(url, {
      signal: controller.signal,
      headers: {
        "accept-encoding": "identity",
        ...(have > 0 && { range: `bytes=${have}-` }),
        ...(have > 0 && transfer.etag && { "if-range": transfer.etag }),
      },
    }).catch((error) => {
      throw error instanceof TypeError && !isLasting(error)
        ? new PassingError(formatCause(error))
        : error;
    });
    address.answered = true;
    const start = await findStart(response, have, part, transfer);
    if (start === undefined) return;
    const compressed = isCompressed(response);
    if (compressed) await response.body?.cancel();
    const total = compressed ? undefined : findTotal(response, start);
    let received = start;
    using file = await openAt(part, start);
    onProgress(received, total);
    const body = compressed
      // It undoes the compression, with the patience of this function.
      ? httpSource(url, { retries: 0, signal: controller.signal })
      : response.body;
    const chunks = body?.getReader();
    while (chunks) {
      expectWithin(patience.stall);
      const { done, value } = await chunks.read().catch((error) => {
        throw error instanceof PassingError ? error : new PassingError(formatCause(error));
      });
      if (done) break;
      try {
        for (let at = 0; at < value.length;) at += await file.write(value.subarray(at));
      } catch (error) {
        await chunks.cancel().catch(() => {});
        throw toSaveError(part, error);
      }
      received += value.length;
      onProgress(received, total);
    }
    if (total !== undefined && received < total) {
      throw new PassingError(`the connection closed after ${received} of ${total} bytes`);
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Finds the position in the file at which the body starts; `undefined` if `part` is complete already. */
async function findStart(
  response: Response,
  have: number,
  part: string,
  transfer: Transfer,
): Promise<number | undefined> {
  const { headers, status } = response;
  const strongEtag = getStrongEtag(headers);
  if (status === 200) {
    transfer.etag = isCompressed(response) ? undefined : strongEtag;
    transfer.joined = false;
    return 0;
  }
  const range = parseContentRange(headers);
  const isSame = transfer.etag === undefined || transfer.etag === strongEtag;
  if (status === 206 && range?.first === have && isSame && !isCompressed(response)) {
    transfer.joined ||= have > 0;
    return have;
  }
  await response.body?.cancel();
  if (have > 0 && (status === 206 || status === 416)) {
    if (range?.first === undefined && range?.total === have) {
      transfer.joined = true;
      return undefined;
    }
    await Deno.remove(part); // The part is not a beginning of the server's file.
    transfer.etag = undefined;
    throw new PassingError("the server has no such range");
  }
  const message = `the server answered ${status} ${response.statusText}`.trimEnd();
  throw isTransientStatus(status) ? new PassingError(message) : new Error(message);
}

/** Finds the file's size: that of a part's header, as a server may send less than was asked for. */
function findTotal({ headers, status }: Response, start: number): number | undefined {
  const total = status === 206 ? parseContentRange(headers)?.total : undefined;
  const length = parseContentLength(headers);
  return total ?? (length === undefined ? undefined : start + length);
}

/** Tells whether a server compressed what it sends, which it was asked not to. */
const isCompressed = ({ headers }: Response): boolean => parseContentCodings(headers).length > 0;

async function openAt(part: string, start: number): Promise<Deno.FsFile> {
  try {
    const file = await Deno.open(part, { write: true, create: true });
    await file.truncate(start);
    await file.seek(start, Deno.SeekMode.Start);
    return file;
  } catch (error) {
    throw toSaveError(part, error);
  }
}

const toSaveError = (part: string, error: unknown): DatasetError =>
  new DatasetError(`Cannot save ${part} as writing failed: ${formatCause(error)}`, {
    cause: error,
  });

async function getSize(path: string): Promise<number> {
  try {
    return (await Deno.stat(path)).size;
  } catch {
    return 0;
  }
}
