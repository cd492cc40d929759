import { assert, assertEquals } from "@std/assert";

const TAG = /<(\/?)([\w:-]+)((?:\s+[\w:-]+="[^"<>]*")*)\s*(\/?)>/g;

/** Asserts that markup is well formed: every element is closed in its place, and no text or attribute has a bare `<` or `>`. */
export function assertWellFormed(markup: string): void {
  const open: string[] = [];
  for (const [, isEnd, name = "", , isEmpty] of markup.matchAll(TAG)) {
    if (isEnd) assertEquals(open.pop(), name);
    else if (!isEmpty) open.push(name);
  }
  assertEquals(open, []);
  const text = markup.replaceAll(TAG, "");
  assert(!/[<>]|&(?!(?:amp|lt|gt|quot|#39);)/.test(text), text.slice(0, 200));
}
