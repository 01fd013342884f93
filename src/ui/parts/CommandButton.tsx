import type { ReactNode } from "react";
import { useStore } from "zustand";
import { useApp } from "../app.ts";
import type { CommandId } from "../commands/commands.ts";
import { keyName } from "../commands/command.ts";
import { Icon, type IconName } from "./Icon.tsx";

/** A command as a button. Its accessible name is `label`, else the command's title. */
export function CommandButton(props: { id: CommandId; icon?: IconName; label?: string; className?: string; children?: ReactNode }) {
  const { session, view, commands } = useApp();
  const command = commands[props.id];
  // Whether a command is possible follows from the two stores.
  useStore(session.store, () => command.enabled());
  useStore(view.store, () => command.enabled());
  const name = props.label ?? command.title;
  const key = command.keys[0];
  return (
    <button
      type="button"
      className={`button ${props.className ?? ""}`}
      aria-label={name}
      title={key === undefined ? name : `${name} (${keyName(key)})`}
      aria-disabled={!command.enabled()}
      onClick={() => {
        if (command.enabled()) command.run();
      }}
    >
      {props.icon && <Icon name={props.icon} />}
      {props.children}
    </button>
  );
}
