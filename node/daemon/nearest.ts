/** "Did you mean": the known word nearest to one that was typed. */

/** Edits from one word to the other; neighbours swapped count as one. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      let least = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + (isSame ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, rows[i - 2]![j - 2]! + 1);
      }
      row.push(least);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}

const typedLengthMax = 64;

/** Undefined when none is near: a third of the word may differ. */
export function nearest(typed: string, known: readonly string[]): string | undefined {
  if (typed.length > typedLengthMax) return undefined;
  const near = known
    .map((word) => ({ word, edits: word.startsWith(typed) && typed.length > 2 ? 0 : distance(typed, word) }))
    .filter(({ word, edits }) => edits <= Math.ceil((Math.min(word.length, typed.length) - 2) / 3));
  return near.sort((a, b) => a.edits - b.edits)[0]?.word;
}

/** "; did you mean X?", or nothing. */
export function didYouMean(typed: string, known: readonly string[], shown: (word: string) => string = (word) => word) {
  const word = nearest(typed, known);
  return word === undefined ? "" : `; did you mean ${shown(word)}?`;
}
