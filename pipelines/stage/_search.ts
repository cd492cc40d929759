import type { Pull, Result } from "./_pull.ts";
import { isPromise } from "./_promise.ts";

/** Pulls until it has a result that is wanted, as the end has to be. At once where nothing has to be waited for. */
export function search<T>(
  pull: Pull<T>,
  isWanted: (result: Result<T>) => boolean | Promise<boolean>,
): Result<T> | Promise<Result<T>> {
  while (true) {
    const pulled = pull();
    if (isPromise(pulled)) return searchOn(pulled, pull, isWanted);
    const wanted = isWanted(pulled);
    if (isPromise(wanted)) return decide(pulled, wanted, pull, isWanted);
    if (wanted) return pulled;
  }
}

/** Goes on with a pull that is under way. */
async function searchOn<T>(
  pulling: Promise<Result<T>>,
  pull: Pull<T>,
  isWanted: (result: Result<T>) => boolean | Promise<boolean>,
): Promise<Result<T>> {
  while (true) {
    const pulled = await pulling;
    if (await isWanted(pulled)) return pulled;
    pulling = Promise.resolve(pull());
  }
}

/** Goes on with an answer that is under way. */
const decide = async <T>(
  pulled: Result<T>,
  wanted: Promise<boolean>,
  pull: Pull<T>,
  isWanted: (result: Result<T>) => boolean | Promise<boolean>,
): Promise<Result<T>> =>
  await wanted ? pulled : await searchOn(Promise.resolve(pull()), pull, isWanted);
