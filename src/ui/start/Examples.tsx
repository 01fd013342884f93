import { examples, type Example } from "../../scenario/examples/examples.ts";
import { useApp } from "../app.ts";
import { openExample } from "./open-example.ts";

const KINDS: readonly { kind: Example["kind"]; title: string }[] = [
  { kind: "capture", title: "Captures of real programs" },
  { kind: "story", title: "Short stories" },
  { kind: "comparison", title: "Two kernels side by side" },
];

/** Scenarios one click away. */
export function Examples() {
  const app = useApp();
  return (
    <div className="examples">
      {KINDS.map(({ kind, title }) => (
        <section key={kind} aria-label={title}>
          <h2>{title}</h2>
          <ul className="example-cards">
            {examples
              .filter((example) => example.kind === kind)
              .map((example) => (
                <li key={example.id}>
                  <button type="button" className="example" onClick={() => void openExample(app, example)}>
                    <span className="example-title">{example.title}</span>
                    <span className="example-about">{example.subtitle}</span>
                  </button>
                </li>
              ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
