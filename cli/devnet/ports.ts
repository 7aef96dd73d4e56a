/** Ports of this machine that are free for a devnet's processes, over TCP and UDP alike. Owns the choice; somebody may still be faster. */
import { createSocket } from "node:dgram";
import { createServer } from "node:net";

/** Below those that systems give to outgoing connections by themselves. */
const first = 20_000;
const last = 29_999;
const triesMax = 2_000;

export async function freePorts(host: string, count: number): Promise<number[]> {
  const found = new Set<number>();
  for (let tries = 0; found.size < count && tries < triesMax; tries++) {
    const port = first + Math.floor(Math.random() * (last - first + 1));
    if (!found.has(port) && (await isFree(host, port))) found.add(port);
  }
  if (found.size === count) return [...found];
  throw new Error(
    `found ${found.size} free ports from ${first} to ${last} on ${host}; ${count} are needed: stop what has them`,
  );
}

export const isFree = async (host: string, port: number): Promise<boolean> =>
  (await listens(createServer(), host, port)) && (await binds(host, port));

function listens(server: ReturnType<typeof createServer>, host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}

function binds(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
    socket.once("error", () => {
      socket.close();
      resolve(false);
    });
    socket.bind(port, host, () => socket.close(() => resolve(true)));
  });
}
