/** Text as UTF-8, written into place: keys are mostly short ASCII, for which the platform's encoder is slow. Owns nothing else. */

const encoder = new TextEncoder();
/** Strict, and the byte order mark is kept: a stored text must read back as it was written. */
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

export const utf8Length = (text: string): number => (isAscii(text) ? text.length : encoder.encode(text).length);

export function writeUtf8(target: Uint8Array, offset: number, text: string): number {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) {
      const bytes = encoder.encode(text);
      target.set(bytes, offset);
      return offset + bytes.length;
    }
    target[offset + i] = unit;
  }
  return offset + text.length;
}

/** Up to this length a loop over ASCII beats the platform's decoder. */
const shortTextLength = 16;

export function readUtf8(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= shortTextLength) {
    let text = "";
    let i = start;
    for (; i < end; i++) {
      const byte = bytes[i]!;
      if (byte > 0x7f) break;
      text += String.fromCharCode(byte);
    }
    if (i === end) return text;
  }
  return decoder.decode(bytes.subarray(start, end));
}

export function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text));
  writeUtf8(bytes, 0, text);
  return bytes;
}
