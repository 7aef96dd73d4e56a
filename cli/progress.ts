/** How far long work has come. Owns when it is said: never of what is done in a moment, and then every few seconds. */

const quietMillis = 2_000;

export function progressOf(say: (text: string) => void, what: string, total: number) {
  let saidAt = Date.now();
  return (done: number): void => {
    if (Date.now() - saidAt < quietMillis) return;
    saidAt = Date.now();
    say(`${what}: ${done} of ${total}\n`);
  };
}
