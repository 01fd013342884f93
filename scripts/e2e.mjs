/** End-to-end tests in a real Chromium; installs Debian's where there is none and apt is there. Arguments go to Playwright. */
import { existsSync } from "node:fs";
import { findChromium } from "./chromium.mjs";
import { run } from "./run.mjs";

if (!findChromium() && existsSync("/usr/bin/apt-get")) {
  process.stdout.write("no Chromium found: installing Debian's\n");
  await run("apt-get", ["update", "-qq"]);
  await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], { DEBIAN_FRONTEND: "noninteractive" });
}
const found = findChromium();
if (!found) {
  process.stderr.write("no Chromium found: set CHROMIUM_PATH, or install chromium\n");
  process.exit(1);
}
process.exit(await run("npx", ["playwright", "test", ...process.argv.slice(2)], { CHROMIUM_PATH: found }));
