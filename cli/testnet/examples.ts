/**
 * Examples for real machines beside a network's homes: a compose file with the image it needs, and units for systemd. Owns their texts;
 * nothing here runs them.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { cometModule } from "../../chain/consensus/cometprogram.ts";
import { writeText } from "../home.ts";
import { ports, type Testnet } from "./layout.ts";

/** The folder of package.json. */
const sourceFolder = join(import.meta.dirname, "..", "..");

export function writeExamples(testnet: Testnet, ids: readonly string[]): void {
  const write = (name: string, text: string) => writeText(join(testnet.folder, name), text);
  mkdirSync(join(testnet.folder, "systemd"), { mode: 0o700 });
  write("Dockerfile", dockerfile);
  write("docker-compose.yml", compose(testnet, ids));
  write(join("systemd", "weir.service"), service);
  write(join("systemd", "weir-application.service"), applicationService);
  write(join("systemd", "cometbft.service"), cometService);
}

const dockerfile = `# The image of docker-compose.yml: CometBFT built by Go, Weir run from its sources by Node.
FROM golang:1.26-bookworm AS comet
RUN go install ${cometModule}

FROM node:24-bookworm-slim
COPY --from=comet /go/bin/cometbft /usr/local/bin/cometbft
WORKDIR /weir
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts
COPY . .
USER node
ENTRYPOINT ["node", "/weir/cli/weir.js"]
`;

const quoted = (text: string): string => JSON.stringify(text);

/** Peers are named by service, since addresses of one machine mean nothing between containers. */
function compose({ nodes, chainId }: Testnet, ids: readonly string[]): string {
  const services = nodes.map(({ name, address }, own) => {
    const peers = nodes.flatMap((other, i) => (i === own ? [] : [`${ids[i]}@${other.name}:${ports.peers}`]));
    const command = ["start", "--home", "/weir-home", "--engine", "comet"];
    const listen = [
      ...["--p2p.laddr", `tcp://0.0.0.0:${ports.peers}`],
      ...["--rpc.laddr", `tcp://0.0.0.0:${ports.rpc}`],
    ];
    return `  ${name}:
    image: weir
    command: [${[...command, ...listen].map(quoted).join(", ")}]
    environment:
      CMT_P2P_PERSISTENT_PEERS: ${quoted(peers.join(","))}
    volumes:
      - ${quoted(`./${name}:/weir-home`)}
    ports:
      - ${quoted(`${address}:${ports.rpc}:${ports.rpc}`)}
    stop_grace_period: 10s
    restart: unless-stopped`;
  });
  return `# ${nodes.length} validators of ${chainId}, a container each. Build the image once, then start; \`docker compose down\` stops all:
#   docker build --tag weir --file Dockerfile ${sourceFolder}
#   docker compose up --detach
# The homes must be the user's that the container runs as: sudo chown -R 1000:1000 ${nodes.map(({ name }) => name).join(" ")}
# Node.js and CometBFT write in these folders: never run \`weir testnet start\` at the same time.
services:
${services.join("\n")}
`;
}

const hardening = `# The whole system is to be read only but for the home, and no right beyond a user's is had.
NoNewPrivileges=true
ProtectSystem=strict
ProtectHome=true
PrivateTmp=true
PrivateDevices=true
ReadWritePaths=/var/lib/weir
LimitNOFILE=65536`;

const service = `# One unit a machine: the application with CometBFT beside it. As root:
#   useradd --system --home-dir /var/lib/weir --create-home weir
#   cp -r node0/. /var/lib/weir && chown -R weir:weir /var/lib/weir && chmod 700 /var/lib/weir
#   (in config/config.toml: your own p2p laddr and the peers' addresses, not those of 127.0.0.1)
#   cp weir.service /etc/systemd/system/ && systemctl daemon-reload && systemctl enable --now weir
#   journalctl -u weir -f
[Unit]
Description=Weir node
Wants=network-online.target
After=network-online.target time-sync.target
# A node that halts five times in ten minutes needs somebody to look.
StartLimitIntervalSec=600
StartLimitBurst=5

[Service]
User=weir
ExecStart=/usr/local/bin/weir start --home /var/lib/weir --engine comet
# SIGTERM ends it after the block under way; it takes 5 s at most.
TimeoutStopSec=20
KillMode=mixed
Restart=on-failure
RestartSec=5
${hardening}

[Install]
WantedBy=multi-user.target
`;

const applicationService = `# With cometbft.service: the application and the engine as two units, for who wants to supervise both.
[Unit]
Description=Weir application
After=network-online.target time-sync.target
StartLimitIntervalSec=600
StartLimitBurst=5

[Service]
User=weir
ExecStart=/usr/local/bin/weir start --home /var/lib/weir --engine none --abci unix:///var/lib/weir/data/abci.sock
TimeoutStopSec=20
KillMode=mixed
Restart=on-failure
RestartSec=5
${hardening}

[Install]
WantedBy=multi-user.target
`;

const cometService = `# Beside weir-application.service. The engine ends when the application does, and is started again with it.
[Unit]
Description=CometBFT of a Weir node
BindsTo=weir-application.service
After=weir-application.service network-online.target

[Service]
User=weir
ExecStart=/usr/local/bin/cometbft start --home /var/lib/weir --proxy_app unix:///var/lib/weir/data/abci.sock
TimeoutStopSec=20
Restart=always
RestartSec=2
${hardening}

[Install]
WantedBy=weir-application.service
`;
