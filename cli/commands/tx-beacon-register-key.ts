/** `weir tx beacon register-key`: a key that this node has, registered for the validator that --from operates. */
import { existsSync } from "node:fs";
import { accountAddress, validatorAddress } from "../../chain/address.ts";
import { messageCodec } from "../../chain/codec.ts";
import { provePossession } from "../../modules/beacon/index.ts";
import { MsgRegisterKey } from "../../proto/gen/weir/beacon/v1/tx.ts";
import { UsageError } from "../arguments.ts";
import { newBeaconKey, readBeaconKeys, writeBeaconKeys } from "../beaconkeys.ts";
import type { Command } from "../command.ts";
import { makeFolders } from "../home.ts";
import type { NamedMessage } from "../tx/document.ts";
import { txFlags } from "../tx/flags.ts";
import { send } from "../tx/send.ts";
import { openSession } from "../tx/session.ts";

export const command: Command = {
  name: "tx beacon register-key",
  positionals: [],
  summary: "Makes a transaction: registers the beacon key of this node for the validator that --from operates.",
  description:
    "The message /weir.beacon.v1.MsgRegisterKey. The key is the newest of config/beacon_key.json in --home, which is made where there is none.\n" +
    "It counts two epochs later; until then the one before does, and both stay in the file. A running node reads the file when it starts again.",
  flags: [{ name: "new", help: "make a key in place of the one that there is" }, ...txFlags],
  examples: ["weir tx beacon register-key --from operator", "weir tx beacon register-key --new --from operator"],
  async run(invocation) {
    const from = invocation.flag("from");
    if (from === undefined) throw new UsageError("--from is missing: the name or the address of the operator's key");
    const session = await openSession(invocation);
    const operator = accountAddress.decode(session.address(from));
    const chainId = await session.chainId();
    const { home } = invocation;
    const keys = readBeaconKeys(home.beaconKey);
    const isMade = keys.length === 0 || invocation.has("new");
    const key = isMade ? newBeaconKey() : keys.at(-1)!;
    if (isMade) {
      if (!existsSync(home.config)) makeFolders(home);
      writeBeaconKeys(home.beaconKey, [...keys, key]);
      invocation.say(`A new beacon key is in ${home.beaconKey}: start the node again within two epochs.\n`);
    }
    const value: MsgRegisterKey = {
      validatorAddress: validatorAddress.encode(operator),
      publicKey: key.publicKey,
      possession: provePossession(key.privateKey, chainId, operator),
    };
    return send(session, [{ codec: messageCodec(MsgRegisterKey) as NamedMessage["codec"], value }]);
  },
};
