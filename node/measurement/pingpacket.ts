/**
 * The datagrams by which loss and round trips are seen, which TCP hides: whose measurement, which one, and a proof that one end of the link
 * made it. An answer is as long as its question, so that nobody gains by sending questions in another's name. Pure.
 *
 *   session nonce 16 · number 4, big-endian · direction 1 · HMAC-SHA256 of all before, by the link's ping key, cut to 16
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { KeyedLink } from "./echo.ts";

const nonceBytes = 16;
const proofBytes = 16;
const numberAt = nonceBytes;
const directionAt = numberAt + 4;
const proofAt = directionAt + 1;
export const pingBytes = proofAt + proofBytes;
const keyBytes = 32;
const label = "weir-ping-1";

export const pingDirections = { question: 0, answer: 1 } as const;
export type PingDirection = (typeof pingDirections)[keyof typeof pingDirections];

/** Both ends of a link compute it, for one measurement. */
export const pingKey = (link: KeyedLink, sessionNonce: Uint8Array): Uint8Array =>
  link.exportKey(label, sessionNonce, keyBytes);

const proofOf = (key: Uint8Array, packet: Buffer): Buffer =>
  createHmac("sha256", key).update(packet.subarray(0, proofAt)).digest().subarray(0, proofBytes);

export function pingPacket(
  key: Uint8Array,
  sessionNonce: Uint8Array,
  number: number,
  direction: PingDirection,
): Buffer {
  const packet = Buffer.alloc(pingBytes);
  packet.set(sessionNonce);
  packet.writeUInt32BE(number, numberAt);
  packet[directionAt] = direction;
  proofOf(key, packet).copy(packet, proofAt);
  return packet;
}

/** In hex, to find the measurement's key by. */
export const nonceOfPing = (packet: Buffer): string | undefined =>
  packet.length === pingBytes ? packet.subarray(0, nonceBytes).toString("hex") : undefined;

/** Its number, where whoever has the key made it in this direction. */
export function numberOfPing(key: Uint8Array, packet: Buffer, direction: PingDirection): number | undefined {
  if (packet.length !== pingBytes || packet[directionAt] !== direction) return undefined;
  return timingSafeEqual(proofOf(key, packet), packet.subarray(proofAt)) ? packet.readUInt32BE(numberAt) : undefined;
}
