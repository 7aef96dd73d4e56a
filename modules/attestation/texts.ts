/** Text that people are shown. Pure; the ranges are written out, since what a character is called changes with Unicode's editions. */

/** Controls, and characters without width or that turn the direction: they do not show, or show other text than there is. */
const hidden: readonly (readonly [first: number, last: number])[] = [
  [0x00, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xfff9, 0xfffc],
];

export function hasControls(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (hidden.some(([first, last]) => code >= first && code <= last)) return true;
  }
  return false;
}
