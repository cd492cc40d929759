// What the tests of `models/` see of Deno where they run elsewhere: in each file of theirs `Deno` is this module's. The library
// itself finds no such global, as it wouldn't there.

/** How tests are to run. */
export interface Config {
  /** The files with tests. */
  readonly files: readonly string[];
  /** The names of those that are left to the night. */
  readonly left: readonly string[];
  /** Whether those that use WebGPU run, and no others. */
  readonly webgpu: boolean;
  /** Variables of the environment. */
  readonly env: Readonly<Record<string, string>>;
}

type Body = () => void | Promise<void>;

/** A test that was registered. */
export interface RegisteredTest {
  readonly name: string;
  readonly fn: Body;
  readonly ignore?: boolean;
  readonly usesWebgpu?: boolean;
}

/** Whether this is a page or a worker of one; if not, it is Node. */
export const inBrowser: boolean = "location" in globalThis;

const root = inBrowser ? `${location.origin}/` : new URL("./", import.meta.url).href;

/** Gets where a file of the repository is served. */
export const urlOf = (path: string): string => root + path;

async function readFile(url: string | URL): Promise<Uint8Array<ArrayBuffer>> {
  if (!inBrowser) {
    const { readFile } = await import("node:fs/promises");
    return new Uint8Array(await readFile(new URL(url)));
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`Cannot read ${url}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

const readTextFile = async (url: string | URL): Promise<string> =>
  new TextDecoder().decode(await readFile(url));

let env: Config["env"] = {};

/** Reads how tests are to run. */
export async function readConfig(): Promise<Config> {
  const config: Config = JSON.parse(await readTextFile(urlOf("config.json")));
  env = config.env;
  return config;
}

let registered: RegisteredTest[] = [];

/** Registers a test. */
export function register(test: RegisteredTest): void {
  registered.push(test);
}

/** Takes the tests that were registered since the last call. */
export function takeRegistered(): RegisteredTest[] {
  const taken = registered;
  registered = [];
  return taken;
}

/** What a file may use of Deno to be run elsewhere. */
export const Deno = {
  env: { get: (name: string): string | undefined => env[name] },
  readFile,
  readTextFile,
  test: (test: string | RegisteredTest, fn?: Body): void =>
    register(typeof test === "string" ? { name: test, fn: fn! } : test),
};
