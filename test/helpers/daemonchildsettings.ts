/** The settings of daemonchild.ts, for whoever writes its file. */
import { commonSettings } from "../../node/daemon/commonsettings.ts";
import { count, fixed, text } from "../../node/daemon/settings.ts";

export const childSchema = {
  ...commonSettings("127.0.0.1:0"),
  greeting: text("What it says.", "hello"),
  seats: fixed(count("How many.", 3, { min: 1, max: 9 })),
};
