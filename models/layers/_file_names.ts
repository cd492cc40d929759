import type { FileNames, Layer } from "./layer.ts";

/** Makes a layer know tensors of files that aren't called as its variables are. */
export function withFileNames(body: Layer, fileNames: FileNames): Layer {
  return {
    ...body,
    plan: (input, sub) => {
      const plan = body.plan(input, sub);
      return typeof plan === "string" ? plan : { ...plan, fileNames };
    },
  };
}

/** Puts a layer's name before the names that it knows. */
export function prefixFileNames(
  { rename, isLeftOver }: FileNames,
  prefix: string,
): FileNames {
  const within = (name: string) => name.startsWith(prefix) ? name.slice(prefix.length) : undefined;
  return {
    rename: (name) => {
      const own = within(name);
      const renamed = own === undefined ? undefined : rename?.(own);
      return renamed === undefined ? undefined : prefix + renamed;
    },
    isLeftOver: (name) => {
      const own = within(name);
      return own !== undefined && (isLeftOver?.(own) ?? false);
    },
  };
}

/** Joins what several layers know: the first that knows a name says what it is. */
export function joinFileNames(all: readonly FileNames[]): FileNames {
  return {
    rename: (name) => {
      for (const { rename } of all) {
        const renamed = rename?.(name);
        if (renamed !== undefined) return renamed;
      }
      return undefined;
    },
    isLeftOver: (name) => all.some(({ isLeftOver }) => isLeftOver?.(name)),
  };
}
