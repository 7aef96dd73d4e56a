/**
 * What a relay forwards to, and who asks how long that takes, each in a process of its own. A source's first byte from a client says what it does:
 * sends without end, takes without end, or sends back what it gets. Prints one JSON line when it is ready; ends when its input does.
 */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

export const wishes = { send: 0x64, take: 0x75, echo: 0x65 } as const;

const chunk = Buffer.alloc(256 << 10);

function sendOn(socket: Socket): void {
  const more = () => {
    while (socket.writable && socket.write(chunk));
  };
  socket.on("drain", more);
  more();
}

function answer(socket: Socket): void {
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.once("data", (first: Buffer) => {
    if (first[0] === wishes.send) {
      socket.resume();
      sendOn(socket);
    } else if (first[0] === wishes.echo) {
      socket.write(first.subarray(1));
      socket.on("data", (bytes: Buffer) => socket.write(bytes));
    } else socket.resume();
  });
}

if (import.meta.main) {
  const server = createServer(answer);
  server.listen({ port: 0, host: "127.0.0.1", backlog: 8192 });
  await once(server, "listening");
  console.log(JSON.stringify({ host: "127.0.0.1", port: (server.address() as AddressInfo).port }));
  process.stdin.resume();
  await once(process.stdin, "end");
  process.exit(0);
}
