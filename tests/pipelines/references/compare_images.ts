// Decodes all images below some folders with Rill and with Pillow, and prints how many give the same bytes, and which
// don't. Run with a Python that has Pillow and numpy, as PYTHON names it:
//
//     deno run --allow-all tests/pipelines/references/compare_images.ts FOLDER...
import { decodeImageBytes } from "../../../pipelines/codecs/decode_image.ts";
import { ImageError } from "../../../pipelines/codecs/image_error.ts";

async function* listImages(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory, isFile } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* listImages(path);
    else if (isFile && /\.(?:png|apng|jpe?g|jfif|mpo|webp)$/i.test(name)) yield path;
  }
}

const pixelsFile = await Deno.makeTempFile();

/** Starts Pillow in a process that answers a line of JSON to each path. */
function startPillow() {
  const process = new Deno.Command(Deno.env.get("PYTHON") ?? "python3", {
    args: [new URL("compare_images.py", import.meta.url).pathname, pixelsFile],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  return {
    process,
    questions: process.stdin.getWriter(),
    answers: process.stdout.pipeThrough(new TextDecoderStream()).getReader(),
  };
}
let pillow = startPillow();

interface Answer {
  readonly shape?: readonly [height: number, width: number, channels: number];
  readonly mode?: string;
  readonly error?: string;
}

async function ask(path: string): Promise<Answer> {
  await pillow.questions.write(new TextEncoder().encode(`${path}\n`));
  let line = "";
  while (!line.endsWith("\n")) {
    const { value, done } = await pillow.answers.read();
    if (done) {
      pillow = startPillow();
      return { error: "its process ended" };
    }
    line += value;
  }
  return JSON.parse(line);
}

/** How a file compares; and in which words, where it's worth a line. */
async function compare(path: string): Promise<[kind: string, detail?: string | undefined]> {
  const bytes = await Deno.readFile(path);
  const { shape, mode, error } = await ask(path);
  let image;
  try {
    image = await decodeImageBytes(bytes);
  } catch (problem) {
    if (!(problem instanceof ImageError)) throw problem;
    const reason = problem.message.replace("Cannot decode image as ", "");
    return shape
      ? ["refused by Rill alone", reason]
      : ["refused by both", `${reason} | Pillow: ${error}`];
  }
  if (!shape) return ["refused by Pillow alone", error];
  const found = [image.height, image.width, image.channels];
  if (`${found}` !== `${shape}`) return ["of another shape", `${found} | Pillow: ${shape} ${mode}`];
  const expected = await Deno.readFile(pixelsFile);
  let wrong = 0;
  let most = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(expected[i]! - image.data[i]!);
    if (difference > 0) wrong++;
    if (difference > most) most = difference;
  }
  if (wrong === 0) return ["the same"];
  return ["different", `${wrong} of ${expected.length} samples, by up to ${most}, ${mode}`];
}

const counts: Record<string, number> = {};
const seen = new Set<string>();
for (const folder of Deno.args) {
  for await (const path of listImages(folder)) {
    const digest = await crypto.subtle.digest("SHA-1", await Deno.readFile(path));
    const name = new Uint8Array(digest).toHex();
    if (seen.has(name)) continue;
    seen.add(name);
    const format = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase().replace(/^(?:jpg|jfif|mpo)$/, "jpeg");
    const [kind, detail] = await compare(path);
    const key = `${format} ${kind}`;
    counts[key] = (counts[key] ?? 0) + 1;
    if (detail !== undefined) console.log(`${key}: ${path}: ${detail}`);
  }
}
await pillow.questions.close();
await pillow.process.status;
await Deno.remove(pixelsFile);
console.log(counts);
