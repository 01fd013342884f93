import { lazy } from "react";
const load = import.meta.glob("../diagrams/index.ts");
const get = (name: string) =>
  lazy(async () => {
    const loader = load["../diagrams/index.ts"];
    const mod = (loader ? await loader() : {}) as Record<string, any>;
    return { default: (mod[name] ?? (() => null)) as (props: any) => any };
  });
export const ObjectsDiagram = get("ObjectsDiagram");
export const PasidDiagram = get("PasidDiagram");
export const IovaDiagram = get("IovaDiagram");
