import type { Backend } from "../../models/mod.ts";

/** What is said behind a backend's description of the threads that compute on it. */
export const inThreads = ({ name }: Pick<Backend, "name">, threads: number): string =>
  name === "wasm" ? `, ${threads} ${threads === 1 ? "thread" : "threads"}` : "";
