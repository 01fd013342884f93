/**
 * Which modules of the page go together. What a visit loads before a scenario can be stepped is two files, not thirty, and
 * what its worker starts with is one: many small ones pack worse and wait for each other.
 */
const GROUPS = [
  ["page", /\/src\/ui\/main\.tsx$/],
  ["workspace", /\/src\/ui\/workspace\/Workspace\.tsx$/],
  ["engine", /\/src\/engine\/worker\.ts$/],
];

/** The group of a module, by `codeSplitting.groups[].name` of the bundler: that of the first root that needs it at once; null where none does. */
export function groupOf() {
  const known = new Map();
  const groupsOf = (id, context) => {
    const before = known.get(id);
    if (before) return before;
    const groups = new Set(GROUPS.filter(([, root]) => root.test(id)).map(([name]) => name));
    // Set before the importers are asked: modules may import each other in a circle.
    known.set(id, groups);
    for (const importer of context.getModuleInfo(id)?.importers ?? []) for (const group of groupsOf(importer, context)) groups.add(group);
    return groups;
  };
  return (id, context) => GROUPS.find(([name]) => groupsOf(id, context).has(name))?.[0] ?? null;
}
