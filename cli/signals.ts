/** What ends a process that runs until it is told: signals, and the end of its standard input where a parent holds that. Owns no ending. */

/** The first SIGINT or SIGTERM is returned; a second one ends the process where it stands, after `onSecond`. */
export function awaitSignal(onSecond: () => void = () => {}): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let isStopping = false;
    const onSignal = (name: NodeJS.Signals) => {
      if (isStopping) {
        onSecond();
        process.exit(name === "SIGINT" ? 130 : 143);
      }
      isStopping = true;
      resolve(name);
    };
    process.on("SIGINT", onSignal);
    process.on("SIGTERM", onSignal);
  });
}

/** Whoever holds the other end of the pipe is gone, by kill -9 too. */
export function awaitEndOfInput(input: NodeJS.ReadStream): Promise<"the end of standard input"> {
  return new Promise((resolve) => {
    const end = () => resolve("the end of standard input");
    input.once("end", end);
    input.once("close", end);
    input.once("error", end);
    input.on("data", () => undefined);
    input.ref?.();
    input.resume();
  });
}
