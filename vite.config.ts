import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { groupOf } from "./scripts/chunks.mjs";
import { compileHints } from "./scripts/compile-hints.mjs";
import { early } from "./scripts/early.mjs";
import { offline } from "./scripts/offline.mjs";

/** The page's Content-Security-Policy forbids inline scripts and styles, which Vite's dev server lives from. */
function policyOnlyInBuilds(): Plugin {
  return {
    name: "policy-only-in-builds",
    apply: "serve",
    transformIndexHtml: (html, context) => (context.server ? html.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, "") : html),
  };
}

export default defineConfig({
  // Relative addresses: the built page works from any folder of any server.
  base: "./",
  plugins: [react(), policyOnlyInBuilds(), compileHints(), early(), offline()],
  worker: { format: "es", rollupOptions: { output: { codeSplitting: { groups: [{ name: groupOf() }] } } } },
  build: {
    target: ["chrome120", "edge120", "firefox120", "safari17.4"],
    modulePreload: { polyfill: false },
    // A data: script or image would need holes in the policy.
    assetsInlineLimit: 0,
    rollupOptions: { output: { codeSplitting: { groups: [{ name: groupOf() }] } } },
  },
  preview: { port: 4173, strictPort: false },
  test: {
    include: ["src/**/*.test.{ts,tsx}", "conformance/**/*.test.ts"],
    environment: "node",
  },
});
