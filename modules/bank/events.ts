/** Bank's events, named as cosmos-sdk x/bank/types/events.go names them: indexers and wallets read them. */
import { type ChainEvent, event } from "../../chain/events.ts";

export const coinSpent = (spender: string, amount: string): ChainEvent => event("coin_spent", { spender, amount });
export const coinReceived = (receiver: string, amount: string): ChainEvent =>
  event("coin_received", { receiver, amount });
export const coinsMinted = (minter: string, amount: string): ChainEvent => event("coinbase", { minter, amount });
export const coinsBurned = (burner: string, amount: string): ChainEvent => event("burn", { burner, amount });
export const transferred = (recipient: string, sender: string, amount: string): ChainEvent =>
  event("transfer", { recipient, sender, amount });
/** Beside the "message" event that every message has. */
export const sentBy = (sender: string): ChainEvent => event("message", { sender });
export const feePaid = (fee: string, payer: string): ChainEvent => event("tx", { fee, fee_payer: payer });
