/** Runs a program with its output on ours; resolves to its exit status. */
import { spawn } from "node:child_process";

export function run(command, args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: "inherit", env: { ...process.env, ...env } });
    child.on("error", (error) => {
      process.stderr.write(`${command}: ${error.message}\n`);
      resolve(127);
    });
    child.on("close", (status) => resolve(status ?? 1));
  });
}
