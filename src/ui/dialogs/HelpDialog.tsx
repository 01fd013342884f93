import { useApp } from "../app.ts";
import { GROUPS, keyName } from "../commands/command.ts";
import { Dialog } from "../parts/Dialog.tsx";

/** Every command with its keys, from the registry. */
export function HelpDialog() {
  const { view, commands } = useApp();
  const all = Object.values(commands);
  return (
    <Dialog title="Help" wide onClose={() => view.open(null)}>
      <p>
        Each line of <b>Calls</b> is one call on a simulated kernel. The diagrams show the state after the current call; <b>Why this answer</b> lists every check in
        the kernel’s order. Press an object or a range to mark it everywhere.
      </p>
      <div className="help-groups">
      {GROUPS.map((group) => (
        <section key={group} className="help-group">
          <h3>{group}</h3>
          <dl className="help-keys">
            {all
              .filter((command) => command.group === group && command.keys.length > 0)
              .map((command) => (
                <div key={command.id}>
                  <dt>{command.title}</dt>
                  <dd>
                    {command.keys.map((key) => (
                      <kbd key={key}>{keyName(key)}</kbd>
                    ))}
                  </dd>
                </div>
              ))}
          </dl>
        </section>
      ))}
      </div>
      <p className="quiet">Paste or drop a log anywhere on the page to open it. In the list of calls, ↑ and ↓ move as well. The bars between panels move by arrow keys.</p>
    </Dialog>
  );
}
