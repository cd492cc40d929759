/** Types of the one function of `@std/text` that Rill uses. */
export declare function levenshteinDistance(str1: string, str2: string): number;
