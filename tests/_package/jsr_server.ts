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

/**
 * Serves the package as JSR would once it is published: the packed files, with what the import map says put in the place of
 * bare names, as publishing does.
 */
export async function serveJsr(): Promise<JsrServer> {
  const manifest = JSON.parse(await Deno.readTextFile(`${root}deno.json`));
  const { name, version, exports, imports } = manifest;
  const [scope, shortName] = name.slice(1).split("/");
  const files = new Map<string, PackedFile>();
  for (const path of await listPackedFiles()) {
    const content = await Deno.readFile(`${root}${path}`);
    const bytes = path.endsWith(".ts") ? resolveNames(content, path, imports, name) : content;
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    files.set(`/${path}`, { bytes, checksum: `sha256-${digest.toHex()}` });
  }
  const meta = { scope, name: shortName, latest: version, versions: { [version]: {} } };
  const listing = Object.fromEntries(
    [...files].map(([path, { bytes, checksum }]) => [path, { size: bytes.length, checksum }]),
  );
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === `/${name}/meta.json`) return Response.json(meta);
    if (pathname === `/${name}/${version}_meta.json`) {
      return Response.json({ manifest: listing, exports });
    }
    const file = files.get(pathname.slice(`/${name}/${version}`.length));
    if (!file || !pathname.startsWith(`/${name}/${version}/`)) {
      return new Response("not found", { status: 404 });
    }
    const type = pathname.endsWith(".ts")
      ? "text/typescript"
      : pathname.endsWith(".json")
      ? "application/json"
      : "text/plain";
    return new Response(file.bytes, { headers: { "content-type": type } });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** Puts what the import map says in the place of bare names. */
function resolveNames(
  content: Uint8Array,
  path: string,
  imports: Readonly<Record<string, string>>,
  own: string,
): Uint8Array<ArrayBuffer> {
  const up = "../".repeat(path.split("/").length - 1) || "./";
  const text = new TextDecoder().decode(content);
  const resolved = text.replace(
    /((?:\bfrom|\bimport)\s*\(?\s*")([^".][^"]*)(")/g,
    (whole, before, specifier, after) => {
      const [key, target] =
        Object.entries(imports).find(([key]) =>
          key === specifier || (key.endsWith("/") && specifier.startsWith(key))
        ) ?? [];
      if (key === undefined || target === undefined) return whole;
      if (key.startsWith(own)) return `${before}${up}${target.slice(2)}${after}`;
      return `${before}${target}${specifier.slice(key.length)}${after}`;
    },
  );
  return new TextEncoder().encode(resolved);
}
