import { useApp } from "../app.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { Examples } from "../start/Examples.tsx";
import { ImportBox } from "../start/ImportBox.tsx";

export function ImportDialog() {
  const { view } = useApp();
  return (
    <Dialog title="Import" wide onClose={() => view.open(null)}>
      <ImportBox action="Import" />
      <Examples />
    </Dialog>
  );
}
