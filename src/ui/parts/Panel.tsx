import type { ReactNode } from "react";
import { useApp } from "../app.ts";
import { useNamed } from "../compare/side.ts";
import type { Diagram } from "../pictures/diagram.ts";
import { Icon } from "./Icon.tsx";

/** A titled region of the workspace. `aside` sits at the right of the title; a diagram can be saved as a picture. */
export function Panel(props: { name: string; /** Where it reads otherwise than the region is called. */ title?: string; className: string; aside?: ReactNode; diagram?: Diagram; children: ReactNode }) {
  const { view } = useApp();
  const name = useNamed(props.name);
  return (
    <section className={`panel ${props.className}`} aria-label={name}>
      <header className="panel-head">
        <h2>{props.title ?? props.name}</h2>
        {props.aside !== undefined && <div className={typeof props.aside === "string" ? "panel-aside panel-words" : "panel-aside"}>{props.aside}</div>}
        {props.diagram && (
          <button type="button" className="button button-quiet button-icon panel-picture" aria-label={`Save ${name} as a picture`} title="Save as a picture" onClick={() => view.open("picture", props.diagram)}>
            <Icon name="picture" size={14} />
          </button>
        )}
      </header>
      {props.children}
    </section>
  );
}
