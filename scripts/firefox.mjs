/**
 * A smoke test in a stock Firefox, over WebDriver BiDi: `node scripts/firefox.mjs [DIST]`. Opens the built page, opens an
 * example, steps, reads the answer. Exit status 0: passed, 1: failed, 77: there is no Firefox here.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "./serve.mjs";

const SKIPPED = 77;
const PATIENCE_MS = 60_000;

function findFirefox() {
  return [process.env.FIREFOX_PATH, "/usr/bin/firefox-esr", "/usr/bin/firefox"].find((place) => place && existsSync(place)) ?? null;
}

const PREFERENCES = { "remote.active-protocols": 1, "browser.shell.checkDefaultBrowser": false, "datareporting.policy.dataSubmissionEnabled": false, "toolkit.telemetry.enabled": false, "app.update.enabled": false, "network.captive-portal-service.enabled": false, "network.connectivity-service.enabled": false, "browser.aboutwelcome.enabled": false };

/** Starts Firefox; resolves with where it listens. */
function launch(path) {
  const profile = mkdtempSync(join(tmpdir(), "iovascope-firefox-"));
  writeFileSync(join(profile, "user.js"), Object.entries(PREFERENCES).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`).join(""));
  const child = spawn(path, ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port=0"], { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: "1" } });
  const stop = async () => {
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill();
    await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, 5000))]);
    child.kill("SIGKILL");
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  const address = new Promise((resolve, reject) => {
    let said = "";
    child.stderr.on("data", (chunk) => {
      said += String(chunk);
      const found = /WebDriver BiDi listening on (ws:\/\/\S+)/.exec(said);
      if (found) resolve(found[1]);
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`Firefox ended (${code}): ${said.slice(-500)}`)));
    setTimeout(() => reject(new Error("Firefox does not say where it listens")), PATIENCE_MS).unref();
  });
  return { address, stop };
}

/** Commands over BiDi, each answered by its id. */
async function connect(address) {
  const socket = new WebSocket(`${address}/session`);
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", () => reject(new Error(`no connection to ${address}`)));
  });
  const waiting = new Map();
  const listeners = [];
  let next = 1;
  socket.addEventListener("message", (event) => {
    const message = JSON.parse(String(event.data));
    if (message.type === "event") listeners.forEach((listener) => listener(message));
    const { resolve, reject } = waiting.get(message.id) ?? {};
    waiting.delete(message.id);
    if (message.type === "success") resolve?.(message.result);
    else if (message.type === "error") reject?.(new Error(`${message.error}: ${message.message}`));
  });
  return {
    close: () => socket.close(),
    on: (listener) => listeners.push(listener),
    send: (method, params = {}) =>
      new Promise((resolve, reject) => {
        const id = next++;
        waiting.set(id, { resolve, reject });
        socket.send(JSON.stringify({ id, method, params }));
      }),
  };
}

/** As much of a page as the test needs. */
function pageOf(browser, context) {
  /** The value of an expression in the page; strings, numbers, booleans. */
  const evaluate = async (expression) => {
    const { type, result, exceptionDetails } = await browser.send("script.evaluate", { expression, target: { context }, awaitPromise: true });
    if (type === "exception") throw new Error(`${expression}: ${exceptionDetails.text}`);
    return result.value;
  };
  return {
    evaluate,
    go: (url) => browser.send("browsingContext.navigate", { context, url, wait: "complete" }),
    press: (value) => browser.send("input.performActions", { context, actions: [{ type: "key", id: "keys", actions: [{ type: "keyDown", value }, { type: "keyUp", value }] }] }),
    until: async (what, expression) => {
      const end = Date.now() + PATIENCE_MS / 2;
      while (Date.now() < end) {
        if (await evaluate(expression)) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error(`not reached: ${what}`);
    },
  };
}

const ARROW_RIGHT = "\uE014";
const HOME = "\uE011";

async function smoke(page, url, problems) {
  await page.go(url);
  await page.until("the page is ready", "window.iovascope !== undefined");
  await page.until("the start page is there", `document.querySelector(".example") !== null`);
  await page.evaluate(`[...document.querySelectorAll(".example")].find((button) => button.textContent.includes("A 1 TiB guest on an AMD host")).click()`);
  await page.until("the example is open", `document.querySelector("[aria-label='Why this answer']") !== null`);
  await page.until("the refusal is explained", `document.querySelector("[aria-label='Why this answer']").textContent.includes("EINVAL")`);
  await page.press(HOME);
  await page.until("step 0", `document.querySelector("input[aria-label=Step]").value === "0"`);
  await page.press(ARROW_RIGHT);
  await page.until("step 1", `document.querySelector("input[aria-label=Step]").value === "1"`);
  const state = await page.evaluate("window.iovascope.state().then((state) => JSON.stringify(state))");
  if (!String(state).includes("{")) throw new Error(`no state: ${state}`);
  await page.until("the address holds the link", "location.hash.length > 10");
  const link = await page.evaluate("window.iovascope.link()");
  await page.until("it is kept", `localStorage.getItem("iovascope.kept") !== null`);
  await page.go("about:blank");
  await page.go(link);
  await page.until("the link is open", `document.querySelector("input[aria-label=Step]")?.value === "1"`);
  await page.go("about:blank");
  await page.go(url);
  await page.until("the way back to it", `document.querySelector(".continue-last")?.textContent.includes("step 1 of") ?? false`);
  // Leaving a page stops what it is still fetching for later.
  const wrong = problems.filter((problem) => !/error loading dynamically imported module/.test(problem));
  if (wrong.length > 0) throw new Error(`the console has ${wrong.join("; ")}`);
}

async function main() {
  const path = findFirefox();
  if (path === null) {
    process.stdout.write("skipped: no Firefox installed (looked for $FIREFOX_PATH, firefox-esr, firefox)\n");
    return SKIPPED;
  }
  const server = await serve(process.argv[2] ?? "dist", 0);
  const firefox = launch(path);
  let browser = null;
  try {
    browser = await connect(await firefox.address);
    const { capabilities } = await browser.send("session.new", { capabilities: {} });
    const { context } = await browser.send("browsingContext.create", { type: "tab" });
    const problems = [];
    browser.on(({ method, params }) => method === "log.entryAdded" && params.level === "error" && problems.push(params.text));
    await browser.send("session.subscribe", { events: ["log.entryAdded"] });
    await smoke(pageOf(browser, context), `http://127.0.0.1:${server.address().port}/`, problems);
    process.stdout.write(`passed in ${capabilities.browserName} ${capabilities.browserVersion}\n`);
    return 0;
  } catch (error) {
    process.stdout.write(`failed: ${error.message}\n`);
    return 1;
  } finally {
    browser?.close();
    await firefox.stop();
    server.close();
  }
}

// Node 20 has a WebSocket only when asked for it.
if (typeof WebSocket === "undefined") {
  const { run } = await import("./run.mjs");
  process.exit(await run(process.execPath, ["--experimental-websocket", "--no-warnings", ...process.argv.slice(1)]));
}
process.exit(await main());
