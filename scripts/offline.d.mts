import type { Plugin } from "vite";
export function offlineFiles(dist: string): string[];
export function offline(): Plugin;
