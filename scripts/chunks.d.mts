interface Context {
  getModuleInfo(id: string): { importers: readonly string[] } | null;
}

export function groupOf(): (id: string, context: Context) => string | null;
