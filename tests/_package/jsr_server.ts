import { listPackedFiles, root } from "./list_packed_files.ts";

/** A registry of the kind of JSR's, on this machine. */
export interface JsrServer extends AsyncDisposable {
  /** Its address, for Deno's environment variable `JSR_URL`. */
  readonly url: string;
}

/** A file of the package, as JSR would give it. */
interface PackedFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly checksum: string;
}

/** A package of the registry: its manifest's facts, and its files by their paths. */
interface Package {
  readonly name: string;
  readonly version: string;
  readonly exports: unknown;
  readonly files: ReadonlyMap<string, PackedFile>;
}

/**
 * Serves the package as JSR would once it is published: the packed files, with what the import map says put in the place of
 * bare names, as publishing does; and beside it the packages of the standard library, by their links.
 */
export async function serveJsr(): Promise<JsrServer> {
  const packages = [
    await pack("", await listPackedFiles()),
    ...await Promise.all(
      ["cli", "text"].map((name) => pack(`links/std-${name}/`, ["mod.ts", "mod.d.ts"])),
    ),
  ];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    const found = packages.find(({ name }) => pathname.startsWith(`/${name}/`));
    return (found && answer(found, pathname.slice(`/${found.name}/`.length))) ??
      new Response("not found", { status: 404 });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** Packs files below a folder that has a manifest. */
async function pack(dir: string, paths: readonly string[]): Promise<Package> {
  const manifest = JSON.parse(await Deno.readTextFile(`${root}${dir}deno.json`));
  const { name, version, exports, imports = {} } = manifest;
  const files = new Map<string, PackedFile>();
  for (const path of paths) {
    const content = await Deno.readFile(`${root}${dir}${path}`);
    const bytes = /\.[jt]s$/.test(path) ? resolveNames(content, path, imports) : content;
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    files.set(`/${path}`, { bytes, checksum: `sha256-${digest.toHex()}` });
  }
  return { name, version, exports, files };
}

/** Answers a request for something of a package; not where it has no such file. */
function answer({ name: whole, version, exports, files }: Package, path: string) {
  const [scope, name] = whole.slice(1).split("/");
  if (path === "meta.json") {
    return Response.json({ scope, name, latest: version, versions: { [version]: {} } });
  }
  if (path === `${version}_meta.json`) {
    const listing = [...files].map(([path, { bytes, checksum }]) =>
      [path, { size: bytes.length, checksum }] as const
    );
    return Response.json({ manifest: Object.fromEntries(listing), exports });
  }
  const file = path.startsWith(`${version}/`) ? files.get(path.slice(version.length)) : undefined;
  if (!file) return;
  const type = path.endsWith(".ts")
    ? "text/typescript"
    : path.endsWith(".js")
    ? "text/javascript"
    : path.endsWith(".json")
    ? "application/json"
    : "text/plain";
  return new Response(file.bytes, { headers: { "content-type": type } });
}

/** Puts what the import map says in the place of bare names. */
function resolveNames(
  content: Uint8Array,
  path: string,
  imports: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const up = "../".repeat(path.split("/").length - 1) || "./";
  const text = new TextDecoder().decode(content);
  // JSR takes no package with such an import, though `deno publish --dry-run` does: https://github.com/jsr-io/jsr/issues/1478
  const [, kind] = /"\s*with\s*\{\s*type:\s*"(?!json")(\w+)"/.exec(text) ?? [];
  if (kind !== undefined) throw new Error(`Cannot publish ${path} as it imports ${kind}`);
  const resolved = text.replace(
    /((?:\bfrom|\bimport|\bimport\.meta\.resolve)\s*\(?\s*")([^".][^"]*)(")/g,
    (whole, before, specifier, after) => {
      const [key, target] =
        Object.entries(imports).find(([key]) =>
          key === specifier || (key.endsWith("/") && specifier.startsWith(key))
        ) ?? [];
      if (key === undefined || target === undefined) return whole;
      if (target.startsWith("./")) return `${before}${up}${target.slice(2)}${after}`;
      return `${before}${target}${specifier.slice(key.length)}${after}`;
    },
  );
  return new TextEncoder().encode(resolved);
}
