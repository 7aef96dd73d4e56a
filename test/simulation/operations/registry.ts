/** Operators of relays and oracles change what attestation.ts leaves alone: names with their keys, endpoints, cells, exit policies, capacity. */
import { accountAddress } from "../../../chain/address.ts";
import { transportPossessionInput } from "../../../modules/attestation/keys.ts";
import { oracles, relays } from "../../../modules/attestation/state.ts";
import { ExitKind } from "../../../proto/gen/weir/attestation/v1/state.ts";
import * as proto from "../../../proto/gen/weir/attestation/v1/tx.ts";
import { realSigning } from "../../bandwidth/readings.ts";
import { chainId, type TestAccount } from "../../helpers/testapplication.ts";
import { claimBps, keyOfName, namesOfAccount, simulatedCell } from "../bandwidth.ts";
import { type Operation, said, type World } from "../world.ts";

/** A name tells whose secrets are behind a key: both change together, the name at once. Of one that is in use, in vain. */
function renamed(world: World, signer: TestAccount, kind: string) {
  const moniker = `${kind} ${signer.accountNumber}/${world.random.below(2 * namesOfAccount)}`;
  const key = keyOfName(moniker);
  const input = transportPossessionInput(chainId, accountAddress.decode(signer.address));
  return { moniker, transportKey: { publicKey: key.publicKey, possession: realSigning.sign(key, input) } };
}

const portsFrom = (first: number) => ({ kind: ExitKind.EXIT_KIND_PORTS, ports: [{ first, last: first + 10 }] });

function changeRelay(world: World): Uint8Array | undefined {
  const relay = world.oneOf(relays.iterate(world.context))?.[1];
  const signer = relay && world.accountOf(relay.operator);
  if (signer === undefined) return undefined;
  const { random } = world;
  const changes = random.pick<Partial<proto.MsgUpdateRelay>>([
    renamed(world, signer, "relay"),
    { endpoints: { endpoints: [`relay-${random.below(9)}.example.org:443`] } },
    { exitPolicy: portsFrom(random.below(60_000)) },
    { exitPolicy: { kind: ExitKind.EXIT_KIND_ALL, ports: [] } },
    { cell: random.chance(2) ? simulatedCell : "nowhere" },
    { claim: { claimedBps: 0n, rttMicros: BigInt(1 + random.below(50_000)) } },
    { payout: proto.Payout.PAYOUT_WEIR },
  ]);
  const value = proto.MsgUpdateRelay.fromPartial({ operator: signer.address, id: relay!.id, ...changes });
  return world.sign(signer, said(proto.MsgUpdateRelay, value));
}

function changeOracle(world: World): Uint8Array | undefined {
  const oracle = world.oneOf(oracles.iterate(world.context))?.[1];
  const signer = oracle && world.accountOf(oracle.operator);
  if (signer === undefined) return undefined;
  const { random } = world;
  const changes = random.pick<Partial<proto.MsgUpdateOracle>>([
    { declaredBps: claimBps * BigInt(1 + random.below(60)) },
    { endpoints: { endpoints: [`8.8.${random.below(250)}.8:443`, "[2600::1]:443"] } },
    { endpoints: { endpoints: ["oracle.example.org:443"] } },
    renamed(world, signer, "oracle"),
  ]);
  const value = proto.MsgUpdateOracle.fromPartial({ operator: signer.address, id: oracle!.id, ...changes });
  return world.sign(signer, said(proto.MsgUpdateOracle, value));
}

export const registryOperations: readonly Operation[] = [
  { name: "change relay", weight: 3, make: changeRelay },
  { name: "change oracle", weight: 2, make: changeOracle },
];
