/**
 * A font of 3 x 5 pixels, drawn for contact sheets. A glyph is five digits from 0 to 7, a row each from the top; the bits of a digit
 * are its pixels. Letters are capitals.
 */
const GLYPHS: Readonly<Record<string, string>> = {
  ...{ A: "25755", B: "65656", C: "34443", D: "65556", E: "74647", F: "74644", G: "34553" },
  ...{ H: "55755", I: "72227", J: "11152", K: "55655", L: "44447", M: "57755", N: "65555" },
  ...{ O: "25552", P: "65644", Q: "25563", R: "65655", S: "34216", T: "72222", U: "55557" },
  ...{ V: "55552", W: "55775", X: "55255", Y: "55222", Z: "71247", " ": "00000" },
  ...{ 0: "75557", 1: "26227", 2: "61247", 3: "61216", 4: "55711", 5: "74616", 6: "34757" },
  ...{ 7: "71222", 8: "75757", 9: "75716", "-": "00700", "_": "00007", ".": "00002" },
  ...{ ",": "00024", ":": "02020", "/": "11244", "\\": "44211", "(": "12221", ")": "42224" },
  ...{ "[": "64446", "]": "31113", "+": "02720", "=": "07070", "'": "22000", '"': "55000" },
  ...{ "!": "22202", "?": "61202", "&": "25257", "#": "57575", "%": "51245", "*": "05250" },
};

/** What stands for a character that has no glyph. */
const UNKNOWN = GLYPHS["?"]!;

/** Columns from one character to the next, and rows of a line, in pixels before scaling. */
export const CELL = { width: 4, height: 5 } as const;

/**
 * Finds the pixels of a text: of each that is set, its column and row.
 *
 * @param text The text; accents are left out.
 */
export function* listPixels(
  text: string,
): Generator<readonly [column: number, row: number], void, undefined> {
  const plain = text.normalize("NFKD").replace(/\p{M}/gu, "").toUpperCase();
  for (const [place, character] of [...plain].entries()) {
    const glyph = Object.hasOwn(GLYPHS, character) ? GLYPHS[character]! : UNKNOWN;
    for (const [row, digit] of [...glyph].entries()) {
      for (let column = 0; column < 3; column++) {
        if (Number(digit) & (4 >> column)) yield [place * CELL.width + column, row];
      }
    }
  }
}
