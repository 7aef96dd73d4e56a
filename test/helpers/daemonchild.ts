/**
 * A process that runs the smallest daemon by the path that all daemons start by. Arguments: those of a command, --home among them. Its greeting
 * is what its settings say; one that is "stubborn" never stops by itself, and one that is "broken" ends by a failure.
 */
import { parseArguments } from "../../cli/arguments.ts";
import { daemonFlags, runDaemonCommand } from "../../cli/daemon.ts";
import { homeAt } from "../../cli/home.ts";
import { forPipes } from "../../cli/table.ts";
import { fatal } from "../../node/daemon/failure.ts";
import { childSchema } from "./daemonchildsettings.ts";

const parsed = parseArguments(process.argv.slice(2), daemonFlags, process.env);

process.exitCode = await runDaemonCommand(
  {
    ...parsed,
    home: homeAt(parsed.flag("home")),
    json: true,
    isColoured: false,
    look: forPipes,
    prompts: undefined,
    environment: process.env,
    answer: (_, json) => void process.stdout.write(`${JSON.stringify(json)}\n`),
    say: (text) => void process.stderr.write(text),
  },
  {
    daemon: "relay",
    schema: childSchema,
    async start({ settings, keys, log }) {
      const { publicKey } = await keys.machine("relay-transport");
      log.info(`greeting ${settings.greeting}`);
      const stopping = Promise.withResolvers<void>();
      if (settings.greeting === "broken") stopping.reject(fatal("it was made to break"));
      return {
        finished: stopping.promise,
        stop: () => {
          if (settings.greeting !== "stubborn") stopping.resolve();
          return stopping.promise.catch(() => undefined);
        },
        status: () => ({ transport: Buffer.from(publicKey).toString("hex"), earned: 10n ** 20n }),
        reload: ({ greeting }) => log.info(`greeting ${greeting}`),
      };
    },
  },
);
