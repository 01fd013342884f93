import { useContext, type ReactNode } from "react";
import { SideContext } from "../compare/side.ts";

/** A titled region of the workspace. `aside` sits at the right of the title. */
export function Panel(props: { name: string; className: string; aside?: ReactNode; children: ReactNode }) {
  const side = useContext(SideContext);
  return (
    <section className={`panel ${props.className}`} aria-label={side === null ? props.name : `${props.name}, ${side}`}>
      <header className="panel-head">
        <h2>{props.name}</h2>
        {props.aside !== undefined && <div className="panel-aside">{props.aside}</div>}
      </header>
      {props.children}
    </section>
  );
}
