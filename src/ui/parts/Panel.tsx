import type { ReactNode } from "react";
import { useNamed } from "../compare/side.ts";

/** A titled region of the workspace. `aside` sits at the right of the title. */
export function Panel(props: { name: string; className: string; aside?: ReactNode; children: ReactNode }) {
  const name = useNamed(props.name);
  return (
    <section className={`panel ${props.className}`} aria-label={name}>
      <header className="panel-head">
        <h2>{props.name}</h2>
        {props.aside !== undefined && <div className="panel-aside">{props.aside}</div>}
      </header>
      {props.children}
    </section>
  );
}
