/**
 * Draws lines over the ones before on a screen of their own, without flicker: each frame is written at once, between the marks of a synchronized
 * update, and never longer than the terminal. Owns the terminal's state, and that it is as before afterwards, however the process ends.
 */
const enter = "\u001b[?1049h\u001b[?25l";
const leave = "\u001b[?25h\u001b[?1049l";
const begin = "\u001b[?2026h\u001b[H";
const end = "\u001b[J\u001b[?2026l";
const clearRight = "\u001b[K";

/** What is used of a terminal: process.stdout is one. */
export interface TerminalStream {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): boolean;
  on(event: "resize", listener: () => void): unknown;
  off(event: "resize", listener: () => void): unknown;
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** What VT100s had. */
const usualSize: Size = { columns: 80, rows: 24 };

export class Screen {
  readonly #stream: TerminalStream;
  readonly #lines: (size: Size) => readonly string[];
  #isOpen = false;
  readonly #redraw = () => this.draw();
  readonly #close = () => this.close();

  /** `lines` gives at most as many as there are rows. */
  constructor(stream: TerminalStream, lines: (size: Size) => readonly string[]) {
    this.#stream = stream;
    this.#lines = lines;
  }

  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#stream.write(enter);
    this.#stream.on("resize", this.#redraw);
    process.once("exit", this.#close);
    this.draw();
  }

  draw(): void {
    if (!this.#isOpen) return;
    const { columns = usualSize.columns, rows = usualSize.rows } = this.#stream;
    const lines = this.#lines({ columns, rows }).slice(0, rows);
    this.#stream.write(`${begin}${lines.map((text) => text + clearRight).join("\r\n")}${end}`);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#stream.off("resize", this.#redraw);
    process.off("exit", this.#close);
    this.#stream.write(leave);
  }
}
