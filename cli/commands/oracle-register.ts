/** `weir oracle register`: the oracle of config/oracle.toml on the chain, with its bond. Owns what is asked and said before it is sent. */
import { messageCodec } from "../../chain/codec.ts";
import { measurable } from "../../modules/attestation/committee.ts";
import { bitrateText, weirText } from "../../modules/attestation/units.ts";
import { registerOracleMessage } from "../../node/oracle/registering.ts";
import { findOracle } from "../../node/oracle/report.ts";
import { cellNames } from "../../node/relay/registering.ts";
import { ask, balanceOf } from "../../node/relay/report.ts";
import { QueryParamsRequest, QueryParamsResponse } from "../../proto/gen/weir/attestation/v1/query.ts";
import type { Params } from "../../proto/gen/weir/attestation/v1/state.ts";
import { MsgRegisterOracle } from "../../proto/gen/weir/attestation/v1/tx.ts";
import type { Command, Invocation } from "../command.ts";
import { settingsPath } from "../daemon.ts";
import { type OracleSession, openOracleSession, oracleKind, oracleTransportKey, oracleVrfKey } from "../oracle.ts";
import type { NamedMessage } from "../tx/document.ts";
import { txFlags } from "../tx/flags.ts";
import { send } from "../tx/send.ts";
import { version } from "../version.ts";

/** For this transaction and those of the first days. */
const feeReserve = 1_000_000n;

export const command: Command = {
  name: "oracle register",
  positionals: [],
  summary: "Registers the oracle of config/oracle.toml on the chain, with its bond.",
  description:
    "Shows what will be bonded and what the oracle can measure at first, and asks before anything is signed. The proofs that both keys are this\n" +
    "home's are made on the way. The oracle takes part from the next epoch on; its key of proofs counts two epochs later.",
  flags: txFlags,
  examples: ["weir oracle register", "weir oracle register --yes", "weir oracle register --dry-run"],
  async run(invocation) {
    const oracle = await openOracleSession(invocation, true);
    const { settings, keys, session, address, chain } = oracle;
    await refuseTwice(oracle);
    await requireRegistration(oracle, settingsPath(invocation.home, oracleKind));
    const params = await paramsOf(oracle);
    const least = BigInt(params.oracleBondMin);
    const bond = settings.registration.bond === 0n ? least : settings.registration.bond;
    if (bond < least) {
      throw new Error(
        `registration.bond is ${weirText(bond)}; an oracle bonds ${weirText(least)} at least: raise it, or leave it empty`,
      );
    }
    invocation.say(termsText(oracle, params, bond));
    await requireFunds(oracle, bond);
    const transportKey = await keys.machine(oracleTransportKey);
    const { seed: vrfSeed } = await keys.machine(oracleVrfKey);
    const of = { settings, operator: address, transportKey, vrfSeed, bond, softwareVersion: version };
    const value = registerOracleMessage(of);
    const code = await send(session, [{ codec: messageCodec(MsgRegisterOracle) as NamedMessage["codec"], value }]);
    if (code === 0) await sayNext(invocation, chain, address);
    return code;
  },
};

async function refuseTwice({ chain, address }: OracleSession): Promise<void> {
  const id = (await findOracle(chain, address))?.oracle?.id;
  if (id === undefined) return;
  throw new Error(
    `${address} has oracle ${id} already: \`weir oracle status\` shows it, \`weir tx attestation update-oracle ${id}\` changes it`,
  );
}

async function requireRegistration({ settings, chain }: OracleSession, path: string): Promise<void> {
  const { endpoint, cell } = settings.registration;
  if (endpoint === "") {
    throw new Error(`${path}: registration.endpoint is empty; expected the literal public address that it dials from`);
  }
  const cells = await cellNames(chain);
  if (cells.includes(cell)) return;
  const found = cell === "" ? "registration.cell is empty" : `there is no region ${JSON.stringify(cell)}`;
  throw new Error(`${path}: ${found}; expected one of ${cells.slice(0, 40).join(", ")}`);
}

async function paramsOf({ chain }: OracleSession): Promise<Params> {
  const path = "/weir.attestation.v1.Query/Params";
  const { params } = await ask(chain, path, [QueryParamsRequest, {}], QueryParamsResponse);
  if (params === undefined) throw new Error("the chain answered without attestation's parameters; expected them");
  return params;
}

function termsText({ settings }: OracleSession, { unprovenBps, oracleBondMin }: Params, bond: bigint): string {
  const { endpoint, cell, capacity } = settings.registration;
  const first = capacity < unprovenBps ? capacity : unprovenBps;
  return [
    `An oracle at ${endpoint} in ${cell}, declaring ${bitrateText(capacity)}; ${bitrateText(first)} of that count at first, so that it measures`,
    `claims up to ${bitrateText(measurable(first))} until its readings show more.`,
    `${weirText(bond)} will be bonded (the least is ${weirText(BigInt(oracleBondMin))}). It is slashed for silence and for lies: docs/oracle.md, How you can lose.`,
    "",
  ].join("\n");
}

async function requireFunds({ chain, address }: OracleSession, bond: bigint): Promise<void> {
  const [balance, needed] = [await balanceOf(chain, address), bond + feeReserve];
  if (balance >= needed) return;
  throw new Error(
    `${address} has ${weirText(balance)}; ${weirText(bond)} of bond and about ${weirText(feeReserve)} for fees are needed: send it ${weirText(needed - balance)} more`,
  );
}

async function sayNext(invocation: Invocation, chain: OracleSession["chain"], address: string): Promise<void> {
  const isSent = !invocation.has("dry-run") && !invocation.has("generate-only");
  const id = isSent ? (await findOracle(chain, address))?.oracle?.id : undefined;
  if (id === undefined || invocation.json) return;
  invocation.say(`It is oracle ${id}, and takes part from the next epoch on. Run it now: weir oracle start\n`);
}
