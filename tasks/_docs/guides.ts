import { root } from "../_exports/modules.ts";

/** A page of the documentation that is written by hand. */
export interface Guide {
  /** Its path in the project, such as `docs/data.md`. */
  readonly path: string;
  /** Its path in the site, such as `docs/data.html`. */
  readonly page: string;
  /** Its first heading. */
  readonly title: string;
  readonly text: string;
}

/** What stands beside the folder of guides. */
const OTHERS = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "CHANGELOG.md",
  "examples/README.md",
];

/** Reads all guides: the project's own first, then those of `docs/` by name, then the decisions. */
export async function findGuides(): Promise<readonly Guide[]> {
  const paths = [...OTHERS];
  for (const folder of ["docs", "docs/decisions"]) {
    const names = await Array.fromAsync(Deno.readDir(new URL(folder, root)), ({ name }) => name);
    paths.push(
      ...names.filter((name) => name.endsWith(".md")).sort().map((name) => `${folder}/${name}`),
    );
  }
  return await Promise.all(paths.map(async (path): Promise<Guide> => {
    const text = await Deno.readTextFile(new URL(path, root));
    const [, title = path] = /^# (.+)$/m.exec(text) ?? [];
    return { path, page: toPage(path), title: title.replaceAll("`", ""), text };
  }));
}

/** Gives the page of a guide: that of a folder's README is the folder's. */
const toPage = (path: string): string =>
  path.replace(/README\.md$/, "index.md").replace(/\.md$/, ".html");

/** Gives the name that a heading has in links, as forges make it. */
export const toAnchor = (heading: string): string =>
  heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");

/** Writes a path of the site as it is from another page. */
export function toRelative(from: string, to: string): string {
  const [parts, target] = [from.split("/").slice(0, -1), to.split("/")];
  while (parts.length > 0 && target.length > 1 && parts[0] === target[0]) {
    parts.shift();
    target.shift();
  }
  return [...parts.map(() => ".."), ...target].join("/");
}
