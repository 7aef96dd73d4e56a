/** The thread that helps to hash trees until it is stopped (hashteam.ts). Owns nothing: nodes and tasks are in shared memory. */
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { HashTasks } from "./hashtasks.ts";
import { hashTree } from "./treehash.ts";
import { type TreeDescriptor, TreeMemory } from "./treememory.ts";

const tasks = new HashTasks(workerData as SharedArrayBuffer);
const port = parentPort!;
let memory: TreeMemory | undefined;

/** What came last describes all of the memory there is. */
function listen(): void {
  for (let received = receiveMessageOnPort(port); received !== undefined; received = receiveMessageOnPort(port)) {
    memory = TreeMemory.attach(received.message as TreeDescriptor);
  }
}

while (tasks.sleep()) {
  for (let node = tasks.take(); node !== undefined; node = tasks.take()) {
    // After the taking: what was said before the round began is there by now.
    listen();
    hashTree(memory!, node);
    tasks.done();
  }
}
