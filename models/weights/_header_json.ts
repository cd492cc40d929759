import { type ParseErrorCode, printParseErrorCode, visit } from "jsonc-parser";
import { fail } from "./_fault.ts";

/** A value of a header, with all that `JSON.parse` hides: names that come twice, and how a number is written. */
export type Json = string | number | boolean | null | JsonNumber | Json[] | JsonObject;

/** A number that isn't written as an integer of at least 0 and below 2^53, which are `number`: `-0`, `1.0`, `1e0`. */
export class JsonNumber {
  constructor(readonly text: string) {}
}

/** An object with its entries in the file's order. A name may come twice. */
export class JsonObject {
  readonly entries: [name: string, value: Json][] = [];
}

/** The most arrays and objects inside each other, the limit of `serde_json`. */
const DEPTH_LIMIT = 127;

/** Parses JSON as strictly as `serde_json` does, the library under the format's reference. */
export function parseHeaderJson(text: string): Json {
  const root: Json[] = [];
  const open: (Json[] | JsonObject)[] = [root];
  const names: string[] = [];
  const add = (value: Json) => {
    const parent = open.at(-1)!;
    if (parent instanceof JsonObject) parent.entries.push([names.pop()!, value]);
    else parent.push(value);
  };
  const begin = (value: Json[] | JsonObject) => {
    add(value);
    if (open.push(value) > 1 + DEPTH_LIMIT) fail(`the header is nested over ${DEPTH_LIMIT} deep`);
  };
  const end = () => void open.pop();
  visit(text, {
    onObjectBegin: () => begin(new JsonObject()),
    onObjectEnd: end,
    onArrayBegin: () => begin([]),
    onArrayEnd: end,
    onObjectProperty: (name, at) => void names.push(checkString(name, at)),
    onLiteralValue(value, at, length) {
      if (typeof value === "string") add(checkString(value, at));
      else if (typeof value === "number") add(readNumber(text.slice(at, at + length), value, at));
      else add(value);
    },
    onError: (code, at) =>
      fail(`the header is not JSON: ${describeError(code)} at character ${at}`),
  }, { disallowComments: true });
  return root[0]!;
}

/** Refuses half of a surrogate pair, which UTF-8 cannot hold but an escape can. */
function checkString(text: string, at: number): string {
  if (!text.isWellFormed()) {
    fail(`the header's string at character ${at} has half a surrogate pair`);
  }
  return text;
}

function readNumber(text: string, value: number, at: number): number | JsonNumber {
  if (!Number.isFinite(value)) fail(`the header's number at character ${at} is out of range`);
  return Number.isSafeInteger(value) && /^\d+$/.test(text) ? value : new JsonNumber(text);
}

/** Writes the name of an error as words. */
const describeError = (code: ParseErrorCode): string =>
  printParseErrorCode(code).replace(/(?<=.)[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();

/** Formats a value as JSON in one line, for a message: cut where it gets long. */
export function formatJson(value: Json): string {
  const format = (value: Json): string => {
    if (value instanceof JsonObject) return "{…}";
    if (value instanceof JsonNumber) return value.text;
    // One more than can be shown, so that what is left out is seen to be.
    return Array.isArray(value)
      ? `[${value.slice(0, MESSAGE_LIMIT).map(format).join(",")}]`
      : JSON.stringify(value);
  };
  return clip(format(value));
}

const MESSAGE_LIMIT = 100;

/** Cuts a text of a file that is too long for a message. */
export const clip = (text: string): string =>
  text.length > MESSAGE_LIMIT ? `${text.slice(0, MESSAGE_LIMIT)}…` : text;
